-- Edges at some nodes with their verdict and their lines, oldest first.
SELECT line.a, line.b, line.rule, coalesce(kept.verdict, 0), line.retracts, line.at_us, line.weight,
       line.actor, line.evidence, line.recorded_us
FROM (
    SELECT * FROM edge_entry WHERE a = ANY (%(nodes)s::bigint[])
    UNION
    SELECT * FROM edge_entry WHERE b = ANY (%(nodes)s::bigint[])
) AS line
LEFT JOIN edge_state AS kept
  ON kept.a = line.a AND kept.b = line.b AND kept.rule = line.rule
WHERE line.merchant_no = %(merchant_no)s
ORDER BY line.a, line.b, line.rule, line.at_us, line.retracts, line.evidence::text
