-- Coupons of these holders pass to pseudonyms.
UPDATE coupon c SET holder_token = n.fresh, holder_kind = 'erased'
FROM unnest(%(kinds)s::text[], %(tokens)s::bytea[], %(fresh)s::bytea[]) AS n (kind, token, fresh)
WHERE c.merchant_no = %(merchant_no)s AND (c.holder_kind, c.holder_token) = (n.kind, n.token)
