-- Takes off show what is not withheld yet.
INSERT INTO withheld (merchant_no, kind, id, since_us)
SELECT %(merchant_no)s, new.kind, new.id, new.at_us
FROM unnest(%(kinds)s::text[], %(ids)s::text[], %(ats)s::bigint[]) AS new (kind, id, at_us)
ORDER BY new.kind, new.id
ON CONFLICT DO NOTHING
RETURNING kind, id
