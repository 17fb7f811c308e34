-- Who placed an order, the strongest identifier first.
INSERT INTO order_identifier (merchant_no, order_id, place, kind, token, shared)
SELECT %(merchant_no)s, %(order)s, place, kind, token, shared
FROM unnest(%(kinds)s::text[], %(tokens)s::bytea[], %(shared)s::bytea[])
     WITH ORDINALITY AS one (kind, token, shared, place)
