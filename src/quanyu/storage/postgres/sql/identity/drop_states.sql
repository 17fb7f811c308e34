-- Edges that are accepted now, or have another verdict.
DELETE FROM edge_state USING unnest(%(a)s::bigint[], %(b)s::bigint[], %(rule)s::text[])
    AS gone (a, b, rule)
WHERE edge_state.a = gone.a AND edge_state.b = gone.b AND edge_state.rule = gone.rule
