-- Forget single events of history.
DELETE FROM history h
USING unnest(%(nodes)s::bigint[], %(at)s::bigint[], %(offsets)s::bigint[]) AS g (node, at_us, "offset")
WHERE (h.node, h.at_us, h."offset") = (g.node, g.at_us, g."offset")
