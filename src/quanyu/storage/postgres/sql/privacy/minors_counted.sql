-- Minors of a merchant in a year: how many, who came of age and said yes since, who has tags, whose yes is without effect.
WITH noted AS (
    SELECT coalesce(p.person, w.node) AS person, max(w.minor_through) AS through
    FROM tag_withheld w JOIN identifier i USING (node) LEFT JOIN person_of p USING (node)
    WHERE w.minor_through IS NOT NULL AND i.merchant_no = %(merchant_no)s GROUP BY 1
), member AS (
    SELECT person, through, person AS node FROM noted
    UNION ALL
    SELECT n.person, n.through, o.node FROM noted n JOIN person_of o USING (person)
), word AS (
    SELECT m.person, m.through, c.action, c.purpose,
        c.at_us >= extract(epoch FROM make_timestamptz(m.through + 1, 1, 1, 0, 0, 0, 'Asia/Shanghai')) * 1000000 AS grown
    FROM member m JOIN consent c USING (node)
)
SELECT
    (SELECT count(*) FROM noted WHERE through >= %(year)s),
    (SELECT count(*) FROM noted WHERE through = %(year)s - 1),
    (SELECT count(DISTINCT person) FROM word
     WHERE through = %(year)s - 1 AND grown AND action = 'grant' AND purpose = 'personalisation'),
    (SELECT count(DISTINCT m.person) FROM member m JOIN tag_state t USING (node) LEFT JOIN tag_withheld w USING (node)
     WHERE m.through >= %(year)s AND NOT coalesce(w.suppressed, false)),
    (SELECT count(*) FROM word WHERE through >= %(year)s AND action = 'grant' AND NOT grown)
