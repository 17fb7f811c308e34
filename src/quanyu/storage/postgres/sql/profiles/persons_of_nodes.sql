-- Persons of some nodes.
SELECT DISTINCT coalesce(p.person, n.node)
FROM unnest(%(nodes)s::bigint[]) n (node) LEFT JOIN person_of p USING (node)
