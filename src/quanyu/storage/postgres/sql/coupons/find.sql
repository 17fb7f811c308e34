-- Coupons by id, by holders, by order: to look at.
SELECT coupon_no, merchant_no, offer_no, coupon, state, holder_kind, holder_token, issued_us, expires_us, face_fen,
    until_us, order_id, store, used_us, spent_fen, gift, last4
FROM coupon
WHERE merchant_no = %(merchant_no)s
  AND (coupon = ANY(%(ids)s) OR holder_token = ANY(%(tokens)s) OR order_id = ANY(%(orders)s)
       OR code_hash = ANY(%(codes)s))
ORDER BY coupon_no DESC LIMIT %(limit)s
