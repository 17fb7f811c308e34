-- The smallest token of each of some people of a merchant: the seed of the public id.
WITH member AS (
    SELECT person, person AS node FROM unnest(%(persons)s::bigint[]) s (person)
    UNION ALL
    SELECT person, node FROM person_of WHERE person = ANY (%(persons)s)
)
SELECT DISTINCT ON (m.person) m.person, i.token
FROM member m JOIN identifier i USING (node)
WHERE i.merchant_no = %(merchant_no)s ORDER BY m.person, i.token
