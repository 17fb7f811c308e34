-- Lines of the ledger at nodes that are erased.
DELETE FROM edge_entry WHERE a = ANY (%(nodes)s::bigint[]) OR b = ANY (%(nodes)s::bigint[])
