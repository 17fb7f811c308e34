-- Coupons of a write by id or by the hash of their code, locked in order.
SELECT coupon_no, merchant_no, offer_no, coupon, state, holder_kind, holder_token, issued_us, expires_us, face_fen,
    until_us, order_id, store, used_us, spent_fen, gift, last4, code_hash
FROM coupon
WHERE coupon = ANY(%(ids)s)
   OR (merchant_no, code_hash) IN
      (SELECT * FROM unnest(%(merchants)s::int[], %(codes)s::bytea[]))
ORDER BY coupon_no FOR UPDATE
