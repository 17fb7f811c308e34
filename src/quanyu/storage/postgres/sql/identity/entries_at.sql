-- Lines of the ledger at some nodes, as rows for numpy; lines of a rule that is gone are left out.
COPY (
    SELECT a, b, array_position(%(rules)s::text[], rule) - 1, retracts::int, at_us, weight
    FROM (
        SELECT * FROM edge_entry WHERE a = ANY (%(nodes)s::bigint[])
        UNION ALL
        SELECT * FROM edge_entry WHERE b = ANY (%(nodes)s::bigint[])
    ) AS line
    WHERE rule = ANY (%(rules)s::text[])
) TO STDOUT (FORMAT binary)
