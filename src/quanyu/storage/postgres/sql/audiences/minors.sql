-- Through which year some people count as under age.
WITH member AS (
    SELECT person, person AS node FROM unnest(%(persons)s::bigint[]) s (person)
    UNION ALL
    SELECT person, node FROM person_of WHERE person = ANY (%(persons)s)
)
SELECT m.person, max(t.minor_through)
FROM member m JOIN tag_withheld t USING (node)
WHERE t.minor_through IS NOT NULL GROUP BY m.person
