-- Others may send to these nodes too, nobody withdraws for them until this transaction ends.
SELECT pg_advisory_xact_lock_shared(key) FROM (
    SELECT DISTINCT hashtextextended('person:' || node, 0) AS key FROM unnest(%(nodes)s::bigint[]) n (node) ORDER BY key
) AS ordered
