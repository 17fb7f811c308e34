-- Persons of some nodes, where that is another node.
SELECT node, person FROM person_of WHERE node = ANY (%(nodes)s::bigint[])
