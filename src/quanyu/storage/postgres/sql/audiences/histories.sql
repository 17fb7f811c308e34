-- All events of all nodes of some people.
WITH member AS (
    SELECT person, person AS node FROM unnest(%(persons)s::bigint[]) s (person)
    UNION ALL
    SELECT person, node FROM person_of WHERE person = ANY (%(persons)s)
)
SELECT m.person, h.event FROM member m JOIN history h USING (node)
