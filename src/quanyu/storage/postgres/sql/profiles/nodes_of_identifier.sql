-- All nodes of the person to whom an identifier belongs.
WITH named AS (
    SELECT coalesce(p.person, i.node) AS person
    FROM identifier i LEFT JOIN person_of p USING (node)
    WHERE i.merchant_no = %(merchant_no)s AND i.kind = %(kind)s AND i.token = %(token)s
), member AS (
    SELECT person, person AS node FROM named
    UNION
    SELECT n.person, p.node FROM named n JOIN person_of p USING (person)
)
SELECT m.person, i.node, i.kind, i.token
FROM member m JOIN identifier i USING (node)
WHERE i.merchant_no = %(merchant_no)s
ORDER BY i.node
