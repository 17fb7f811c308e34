-- Say that the tags of these nodes' people have come or gone, so that audiences look again.
INSERT INTO person_change (merchant_no, nodes)
SELECT i.merchant_no, array_agg(DISTINCT coalesce(p.person, i.node))
FROM identifier i LEFT JOIN person_of p USING (node)
WHERE i.node = ANY (%(nodes)s)
GROUP BY i.merchant_no
