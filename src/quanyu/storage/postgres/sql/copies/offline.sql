-- What tills without a network told of the person's coupons.
SELECT jsonb_build_object(
    'coupon', f.coupon, 'device', f.device, 'at_us', f.at_us, 'conflict', f.reason,
    'funder_fen', f.funder_fen, 'store_fen', f.store_fen
)
FROM coupon_offline f JOIN coupon c USING (coupon)
JOIN unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token)
    ON (c.holder_kind, c.holder_token) = (h.kind, h.token)
WHERE c.merchant_no = %(merchant_no)s ORDER BY f.at_us, f.device, f.sequence
