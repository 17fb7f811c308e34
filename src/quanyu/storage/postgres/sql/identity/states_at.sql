-- Verdicts that are kept for edges at some nodes, as columns for numpy.
SELECT array_send(array_agg(a)), array_send(array_agg(b)),
       array_send(array_agg(array_position(%(rules)s::text[], rule) - 1)),
       array_send(array_agg(verdict::int))
FROM (
    SELECT * FROM edge_state WHERE a = ANY (%(nodes)s::bigint[])
    UNION
    SELECT * FROM edge_state WHERE b = ANY (%(nodes)s::bigint[])
) AS kept
WHERE rule = ANY (%(rules)s::text[])
