-- Nodes that have an edge with some nodes.
SELECT b FROM edge_entry WHERE a = ANY (%(nodes)s::bigint[])
UNION
SELECT a FROM edge_entry WHERE b = ANY (%(nodes)s::bigint[])
