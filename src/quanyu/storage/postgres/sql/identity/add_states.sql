-- Verdicts of edges that are not accepted.
INSERT INTO edge_state (merchant_no, a, b, rule, verdict)
SELECT %(merchant_no)s, a, b, rule, verdict
FROM unnest(%(a)s::bigint[], %(b)s::bigint[], %(rule)s::text[], %(verdict)s::smallint[])
     AS kept (a, b, rule, verdict)
