-- The identifiers behind some nodes.
SELECT kind, token FROM identifier WHERE node = ANY (%(nodes)s::bigint[])
