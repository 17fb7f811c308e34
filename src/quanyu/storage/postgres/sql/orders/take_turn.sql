-- One order of a person at a time, whichever identifier it comes with; in order, so that nobody waits in a circle.
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended(kind || ':' || encode(token, 'hex'), %(merchant_no)s) AS key
    FROM unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS one (kind, token) ORDER BY key
) AS ordered
