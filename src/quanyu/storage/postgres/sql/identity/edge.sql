-- One edge with its verdict and its lines, oldest first.
SELECT line.a, line.b, line.rule, coalesce(kept.verdict, 0), line.retracts, line.at_us, line.weight,
       line.actor, line.evidence, line.recorded_us
FROM edge_entry AS line
LEFT JOIN edge_state AS kept
  ON kept.a = line.a AND kept.b = line.b AND kept.rule = line.rule
WHERE line.merchant_no = %(merchant_no)s AND line.a = %(a)s AND line.b = %(b)s
  AND line.rule = %(rule)s
ORDER BY line.at_us, line.retracts, line.evidence::text
