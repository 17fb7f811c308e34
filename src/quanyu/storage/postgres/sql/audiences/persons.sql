-- Persons of some nodes.
SELECT n.node, coalesce(p.person, n.node)
FROM unnest(%(nodes)s::bigint[]) n (node) LEFT JOIN person_of p USING (node)
