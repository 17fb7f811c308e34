-- Gives numbers to identifiers; those that somebody else adds at this moment get no row here.
INSERT INTO identifier (merchant_no, kind, token)
SELECT %(merchant_no)s, kind, token
FROM unnest(%(kinds)s::text[], %(tokens)b::bytea[]) WITH ORDINALITY AS sent (kind, token, place)
ORDER BY place
ON CONFLICT DO NOTHING
RETURNING kind, token, node
