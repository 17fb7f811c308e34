-- All identifiers of the persons that some identifiers belong to, with their person.
WITH asked AS (
    SELECT DISTINCT coalesce(p.person, i.node) AS person
    FROM unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token)
    JOIN identifier i
      ON i.merchant_no = (SELECT merchant_no FROM merchant WHERE name = %(merchant)s)
     AND i.kind = h.kind AND i.token = h.token
    LEFT JOIN person_of p USING (node)
)
SELECT asked.person, i.kind, i.token
FROM asked JOIN person_of p ON p.person = asked.person JOIN identifier i ON i.node = p.node
UNION ALL
SELECT asked.person, i.kind, i.token FROM asked JOIN identifier i ON i.node = asked.person
