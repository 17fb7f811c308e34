-- Persons of some nodes and all nodes of those persons, as columns for numpy.
SELECT array_send(array_agg(node)), array_send(array_agg(person)) FROM person_of
WHERE node = ANY (%(nodes)s::bigint[]) OR person = ANY (%(nodes)s::bigint[])
