-- States of all nodes of some persons who may be profiled.
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
    WHERE w.minor_through >= %(year)s OR w.suppressed
)
SELECT m.person, t.state
FROM member m JOIN identifier i USING (node) JOIN tag_state t USING (node)
WHERE i.merchant_no = %(merchant_no)s AND m.person NOT IN (SELECT person FROM blocked)
ORDER BY m.person, m.node
