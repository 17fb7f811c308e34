-- Verdicts at nodes that are erased.
DELETE FROM edge_state WHERE a = ANY (%(nodes)s::bigint[]) OR b = ANY (%(nodes)s::bigint[])
