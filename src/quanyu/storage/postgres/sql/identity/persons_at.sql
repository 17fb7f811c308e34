-- Persons of some nodes and all nodes of those persons, as rows for numpy.
COPY (
    SELECT node, person FROM person_of
    WHERE node = ANY (%(nodes)s::bigint[]) OR person = ANY (%(nodes)s::bigint[])
) TO STDOUT (FORMAT binary)
