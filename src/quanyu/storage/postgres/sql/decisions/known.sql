-- The person of the first identifier of each ask that somebody has, or of nodes that are asked for by themselves: all its nodes,
-- what was said about personalisation, until which year it is a minor, whether it is being erased, points by programme.
-- Lists are given through a sub-select: a plan that does not look into them is made once and kept; making it costs more than it.
WITH asked AS (
    SELECT sent.ask, sent.place, i.node
    FROM unnest((SELECT %(asks)s::int[]), (SELECT %(kinds)s::text[]), (SELECT %(tokens)s::bytea[]))
         WITH ORDINALITY AS sent (ask, kind, token, place)
    JOIN identifier i
      ON i.merchant_no = (SELECT merchant_no FROM merchant WHERE name = %(merchant)s)
     AND i.kind = sent.kind AND i.token = sent.token
    UNION ALL
    SELECT n.place::int - 1, n.place, i.node
    FROM unnest((SELECT %(nodes)s::bigint[])) WITH ORDINALITY AS n (node, place) JOIN identifier i USING (node)
), first AS (
    SELECT DISTINCT ON (ask) ask, coalesce(p.person, node) AS person
    FROM asked LEFT JOIN person_of p USING (node) ORDER BY ask, place
), own AS MATERIALIZED (
    SELECT ask, person || ARRAY(SELECT p.node FROM person_of p WHERE p.person = first.person) AS nodes FROM first
)
SELECT own.ask, own.nodes, said.actions, said.at, said.numbers,
       (SELECT max(minor_through) FROM tag_withheld w WHERE w.node = ANY (own.nodes)),
       EXISTS (SELECT FROM erasure e WHERE e.finished_us IS NULL AND e.nodes && own.nodes),
       joined.programmes, joined.points
FROM own
CROSS JOIN LATERAL (
    SELECT array_agg(c.action) AS actions, array_agg(c.at_us) AS at, array_agg(c.number) AS numbers
    FROM consent c WHERE c.node = ANY (own.nodes) AND c.purpose = 'personalisation'
) said
CROSS JOIN LATERAL (
    SELECT array_agg(m.programme_id) AS programmes, array_agg(m.tier_points) AS points
    FROM identifier i
    JOIN points_programme p ON p.owner = %(merchant)s
    JOIN points_member m ON m.programme_id = p.id AND m.holder_kind = i.kind AND m.holder_token = i.token
    WHERE i.node = ANY (own.nodes)
) joined
