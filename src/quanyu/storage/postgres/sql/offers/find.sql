-- Offers of a merchant, one or all, with their switches.
SELECT o.offer, o.template, o.state, o.killed, t.offer_no IS NOT NULL
FROM offer o LEFT JOIN offer_trip t USING (offer_no)
WHERE o.merchant_no = %(merchant_no)s AND (%(offer)s::text IS NULL OR o.offer = %(offer)s)
ORDER BY o.offer_no
