-- Persons of a merchant who count as under age in a year.
WITH noted AS (
    SELECT coalesce(p.person, w.node) AS person, max(w.minor_through) AS through
    FROM tag_withheld w JOIN identifier i USING (node) LEFT JOIN person_of p USING (node)
    WHERE w.minor_through IS NOT NULL AND i.merchant_no = %(merchant_no)s GROUP BY 1
)
SELECT person FROM noted WHERE through >= %(year)s
