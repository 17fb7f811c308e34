-- Adds lines to the ledger.
INSERT INTO edge_entry
    (merchant_no, a, b, rule, retracts, at_us, weight, actor, evidence, recorded_us)
SELECT %(merchant_no)s, a, b, %(rule)s, %(retracts)s, at_us, weight, %(actor)s, evidence::jsonb,
       %(recorded_us)s
FROM unnest(%(a)s::bigint[], %(b)s::bigint[], %(at_us)s::bigint[], %(weight)s::float8[],
            string_to_array(%(evidence)s, E'\n'))
     AS line (a, b, at_us, weight, evidence)
RETURNING a, b
