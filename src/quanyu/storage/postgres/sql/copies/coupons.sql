-- Coupons that a person holds or held.
SELECT jsonb_build_object(
    'coupon', c.coupon, 'offer', o.offer, 'state', c.state, 'issued_us', c.issued_us, 'expires_us', c.expires_us,
    'face_fen', c.face_fen, 'order', c.order_id, 'store', c.store, 'used_us', c.used_us, 'spent_fen', c.spent_fen,
    'offered_as_gift', c.gift IS NOT NULL, 'last4', c.last4
)
FROM coupon c JOIN offer o USING (offer_no)
JOIN unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token)
    ON (c.holder_kind, c.holder_token) = (h.kind, h.token)
WHERE c.merchant_no = %(merchant_no)s ORDER BY c.coupon_no
