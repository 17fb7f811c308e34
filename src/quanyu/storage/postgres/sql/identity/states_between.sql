-- Verdicts that are kept for edges between some nodes, as columns for numpy.
SELECT array_send(array_agg(a)), array_send(array_agg(b)),
       array_send(array_agg(array_position(%(rules)s::text[], rule) - 1)),
       array_send(array_agg(verdict::int))
FROM edge_state
WHERE a = ANY (%(nodes)s::bigint[]) AND b = ANY (%(nodes)s::bigint[])
  AND rule = ANY (%(rules)s::text[])
