-- Nodes that are erased leave their person, and others leave the person that is called after one.
DELETE FROM person_of
WHERE node = ANY (%(nodes)s::bigint[]) OR person = ANY (%(nodes)s::bigint[])
RETURNING node
