-- Nodes of some persons whose suppression is not as the off switch and the year of birth say.
WITH member AS (
    SELECT person, person AS node FROM unnest(%(persons)s::bigint[]) s (person)
    UNION ALL
    SELECT person, node FROM person_of WHERE person = ANY (%(persons)s)
), word AS (
    SELECT DISTINCT ON (m.person) m.person, c.action
    FROM member m JOIN consent c USING (node)
    WHERE c.purpose = 'personalisation' AND c.at_us <= %(now_us)s
    ORDER BY m.person, c.at_us DESC, (c.action = 'withdraw') DESC, c.number DESC
), blocked AS (
    SELECT person FROM word WHERE action = 'withdraw'
    UNION
    SELECT m.person FROM member m JOIN tag_withheld w USING (node)
    WHERE w.minor_through >= %(year)s
)
SELECT t.node, b.person IS NOT NULL AS suppress
FROM member m JOIN tag_state t USING (node)
LEFT JOIN tag_withheld w USING (node) LEFT JOIN blocked b USING (person)
WHERE coalesce(w.suppressed, false) <> (b.person IS NOT NULL)
ORDER BY t.node
