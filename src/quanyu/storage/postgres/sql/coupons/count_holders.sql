-- Pieces that holders have had since.
UPDATE coupon_holder h SET pieces = h.pieces + n.pieces
FROM unnest(%(offers)s::int[], %(kinds)s::text[], %(tokens)s::bytea[], %(pieces)s::int[])
     AS n (offer_no, kind, token, pieces)
WHERE (h.offer_no, h.kind, h.token) = (n.offer_no, n.kind, n.token)
