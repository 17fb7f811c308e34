-- What happened to the minors of a merchant between two moments.
WITH noted AS (
    SELECT coalesce(p.person, w.node) AS person, max(w.minor_through) AS through
    FROM tag_withheld w JOIN identifier i USING (node) LEFT JOIN person_of p USING (node)
    WHERE w.minor_through IS NOT NULL AND i.merchant_no = %(merchant_no)s GROUP BY 1
), member AS (
    SELECT person, through, person AS node FROM noted
    UNION ALL
    SELECT n.person, n.through, o.node FROM noted n JOIN person_of o USING (person)
)
SELECT h.event FROM member m JOIN history h USING (node)
WHERE m.through >= %(year)s AND h.at_us >= %(from_us)s AND h.at_us < %(to_us)s
