-- The history of an offer, oldest first.
SELECT h.at_us, h.actor, h.what, h.before, h.after, h.note
FROM offer_history h JOIN offer o USING (offer_no)
WHERE o.merchant_no = %(merchant_no)s AND o.offer = %(offer)s ORDER BY h.line_no
