-- What some people have said about one purpose and about being profiled, on any of their nodes.
WITH member AS (
    SELECT person, person AS node FROM unnest(%(persons)s::bigint[]) s (person)
    UNION ALL
    SELECT person, node FROM person_of WHERE person = ANY (%(persons)s)
)
SELECT m.person, c.purpose, c.action, c.notice_version, c.at_us, c.actor, c.number, c.recipient
FROM member m JOIN consent c USING (node)
WHERE c.purpose IN (%(purpose)s, 'personalisation')
