-- No other sends to these nodes or withdraws for them until this transaction ends; in order, so that nobody waits in a circle.
SELECT pg_advisory_xact_lock(key) FROM (
    SELECT DISTINCT hashtextextended('person:' || node, 0) AS key FROM unnest(%(nodes)s::bigint[]) n (node) ORDER BY key
) AS ordered
