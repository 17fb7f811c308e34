-- Decisions; one whose trace stands there is left as it is. Nodes come as one text each: arrays of arrays have one length.
INSERT INTO decision (merchant_no, trace, at_us, touchpoint, nodes, told)
SELECT %(merchant_no)s, one.trace, one.at_us, one.touchpoint, one.nodes::bigint[], one.told
FROM unnest(%(traces)s::bytea[], %(at)s::bigint[], %(touchpoints)s::text[], %(nodes)s::text[], %(told)s::bytea[])
     AS one (trace, at_us, touchpoint, nodes, told)
ON CONFLICT DO NOTHING
