-- What the coupons of each published offer say about its accounts.
SELECT m.name, o.offer,
    count(c.coupon_no) FILTER (WHERE c.state IN ('issued', 'locked', 'gifting')),
    count(c.coupon_no) FILTER (WHERE c.state = 'used'),
    count(c.coupon_no) FILTER (WHERE c.state IN ('expired', 'void')),
    coalesce(sum(c.face_fen) FILTER (WHERE c.state IN ('issued', 'locked', 'gifting')), 0)::bigint,
    coalesce(sum(c.spent_fen) FILTER (WHERE c.state = 'used'), 0)::bigint,
    coalesce((SELECT sum(l.funder_fen) FROM coupon_offline l WHERE l.offer_no = o.offer_no), 0)::bigint,
    coalesce((SELECT sum(l.store_fen) FROM coupon_offline l WHERE l.offer_no = o.offer_no), 0)::bigint
FROM offer o
JOIN merchant m ON m.merchant_no = o.merchant_no
LEFT JOIN coupon c USING (offer_no)
WHERE o.state NOT IN ('draft', 'auditing')
GROUP BY m.name, o.offer, o.offer_no ORDER BY o.offer_no
