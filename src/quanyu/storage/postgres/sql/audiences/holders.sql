-- All identifiers of some people.
SELECT s.person, i.kind, i.token FROM unnest(%(persons)s::bigint[]) s (person)
JOIN identifier i ON i.node = s.person
UNION
SELECT p.person, i.kind, i.token FROM person_of p JOIN identifier i USING (node)
WHERE p.person = ANY (%(persons)s)
