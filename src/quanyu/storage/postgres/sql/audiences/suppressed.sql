-- Of some people, those to whom nothing may go out on one of some channels.
WITH member AS (
    SELECT person, person AS node FROM unnest(%(persons)s::bigint[]) s (person)
    UNION ALL
    SELECT person, node FROM person_of WHERE person = ANY (%(persons)s)
)
SELECT DISTINCT m.person FROM member m JOIN suppression s USING (node)
WHERE s.channel = ANY (%(channels)s)
