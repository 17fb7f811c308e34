-- Forgets that these are shared devices, so that they are judged again.
DELETE FROM shared_node WHERE node = ANY (%(nodes)s::bigint[])
