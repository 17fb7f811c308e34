-- Edges that wait for a person and would still join two people, with their lines.
SELECT line.a, line.b, line.rule, kept.verdict, line.retracts, line.at_us, line.weight,
       line.actor, line.evidence, line.recorded_us
FROM (
    SELECT state.* FROM edge_state AS state
    LEFT JOIN person_of AS one ON one.node = state.a
    LEFT JOIN person_of AS other ON other.node = state.b
    WHERE state.merchant_no = %(merchant_no)s AND state.verdict BETWEEN 1 AND 5
      AND coalesce(one.person, state.a) <> coalesce(other.person, state.b)
    ORDER BY state.verdict, state.a, state.b, state.rule LIMIT %(limit)s
) AS kept
JOIN edge_entry AS line ON line.a = kept.a AND line.b = kept.b AND line.rule = kept.rule
ORDER BY kept.verdict, line.a, line.b, line.rule, line.at_us, line.retracts, line.evidence::text
