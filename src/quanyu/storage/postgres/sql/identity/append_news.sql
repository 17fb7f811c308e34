-- Adds assertions that change something: not voided by a later retraction, and earlier or heavier
-- than every live one of their edge. What everybody repeats all day is written once.
INSERT INTO edge_entry
    (merchant_no, a, b, rule, retracts, at_us, weight, actor, evidence, recorded_us)
SELECT %(merchant_no)s, line.a, line.b, %(rule)s, false, line.at_us, line.weight, %(actor)s,
       line.evidence::jsonb, %(recorded_us)s
FROM unnest(%(a)s::bigint[], %(b)s::bigint[], %(at_us)s::bigint[], %(weight)s::float8[],
            string_to_array(%(evidence)s, E'\n'))
     AS line (a, b, at_us, weight, evidence)
CROSS JOIN LATERAL (
    SELECT coalesce(max(at_us) FILTER (WHERE retracts), -4611686018427387904) AS until_us
    FROM edge_entry AS old
    WHERE old.a = line.a AND old.b = line.b AND old.rule = %(rule)s
) AS void
WHERE line.at_us > void.until_us AND NOT EXISTS (
    SELECT FROM edge_entry AS old
    WHERE old.a = line.a AND old.b = line.b AND old.rule = %(rule)s AND NOT old.retracts
      AND old.at_us > void.until_us AND old.weight >= line.weight
      AND (old.at_us, old.evidence::text) <= (line.at_us, line.evidence::jsonb::text)
)
RETURNING a, b
