-- What stands behind node numbers, and which of them are shared devices.
SELECT identifier.node, kind, token, shared_node.node IS NOT NULL
FROM identifier LEFT JOIN shared_node USING (node)
WHERE identifier.node = ANY (%(nodes)s::bigint[])
