-- The newest deeds of the nodes of each ask, packed.
SELECT m.ask, t.deeds
FROM unnest((SELECT %(asks)s::int[]), (SELECT %(nodes)s::bigint[])) AS m (ask, node) JOIN tag_state t USING (node)
