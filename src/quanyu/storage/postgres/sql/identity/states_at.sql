-- Verdicts that are kept for edges at some nodes, as rows for numpy.
COPY (
    SELECT a, b, array_position(%(rules)s::text[], rule) - 1, verdict::int
    FROM (
        SELECT * FROM edge_state WHERE a = ANY (%(nodes)s::bigint[])
        UNION
        SELECT * FROM edge_state WHERE b = ANY (%(nodes)s::bigint[])
    ) AS kept
) TO STDOUT (FORMAT binary)
