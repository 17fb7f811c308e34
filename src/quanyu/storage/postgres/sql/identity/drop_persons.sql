-- Nodes that leave their person.
DELETE FROM person_of WHERE node = ANY (%(nodes)s::bigint[])
