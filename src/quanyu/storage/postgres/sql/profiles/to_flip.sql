-- Nodes of some persons that are suppressed, or are to be as the off switch and the year of birth say, and whether that
-- changes their tags. Who was here as a minor stays suppressed until a yes from after the New Year of coming of age.
WITH member AS (
    SELECT person, person AS node FROM unnest(%(persons)s::bigint[]) s (person)
    UNION ALL
    SELECT person, node FROM person_of WHERE person = ANY (%(persons)s)
), word AS (
    SELECT DISTINCT ON (m.person) m.person, c.action, c.at_us
    FROM member m JOIN consent c USING (node)
    WHERE c.purpose = 'personalisation' AND c.at_us <= %(now_us)s
    ORDER BY m.person, c.at_us DESC, (c.action = 'withdraw') DESC, c.number DESC
), minor AS (
    SELECT m.person, max(w.minor_through) AS through
    FROM member m JOIN tag_withheld w USING (node)
    WHERE w.minor_through IS NOT NULL GROUP BY m.person
), blocked AS (
    SELECT person FROM word WHERE action = 'withdraw'
    UNION
    SELECT person FROM minor LEFT JOIN word USING (person)
    WHERE through >= %(year)s OR word.at_us IS NULL
        OR word.at_us < extract(epoch FROM make_timestamptz(through + 1, 1, 1, 0, 0, 0, 'Asia/Shanghai')) * 1000000
)
SELECT m.node, b.person IS NOT NULL AS suppress,
       t.node IS NOT NULL AND coalesce(w.suppressed, false) <> (b.person IS NOT NULL) AS flips
FROM member m LEFT JOIN tag_state t USING (node)
LEFT JOIN tag_withheld w USING (node) LEFT JOIN blocked b USING (person)
WHERE b.person IS NOT NULL OR w.suppressed
ORDER BY m.node
