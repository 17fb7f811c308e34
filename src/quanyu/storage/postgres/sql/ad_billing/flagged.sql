-- Of some persons, those who placed an order that is known for a fake trade.
WITH nodes AS (
    SELECT unnest(%(persons)s::bigint[]) AS node, unnest(%(persons)s::bigint[]) AS person
    UNION
    SELECT node, person FROM person_of WHERE person = ANY (%(persons)s::bigint[])
)
SELECT DISTINCT n.person
FROM nodes n
JOIN identifier i ON i.node = n.node
JOIN order_identifier o ON (o.merchant_no, o.kind, o.token) = (i.merchant_no, i.kind, i.token)
JOIN suspected_order s ON (s.merchant_no, s.order_id) = (o.merchant_no, o.order_id)
WHERE s.state = 'confirmed' AND i.merchant_no = %(merchant_no)s
