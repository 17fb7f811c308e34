-- Coupons by id, by holders, by order: to look at.
SELECT c.coupon_no, c.merchant_no, c.offer_no, c.coupon, c.state, c.holder_kind, c.holder_token,
    c.issued_us, c.expires_us, c.face_fen, c.until_us, c.order_id, c.store, c.used_us,
    c.spent_fen, c.gift, c.last4, o.offer
FROM coupon c JOIN offer o USING (offer_no)
WHERE c.merchant_no = %(merchant_no)s
  AND (c.coupon = ANY(%(ids)s::text[]) OR c.holder_token = ANY(%(tokens)s::bytea[])
       OR c.order_id = ANY(%(orders)s::text[]))
ORDER BY c.coupon_no DESC LIMIT %(limit)s
