-- A row for each holder, so that there is something to lock.
INSERT INTO coupon_holder (offer_no, kind, token)
SELECT o, k, t FROM unnest(%(offers)s::int[], %(kinds)s::text[], %(tokens)s::bytea[]) AS n (o, k, t)
ORDER BY o, k, t
ON CONFLICT DO NOTHING
