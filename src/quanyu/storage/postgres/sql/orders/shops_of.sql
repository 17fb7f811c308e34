-- Shops of orders of some identifiers that were paid, or still may be.
SELECT DISTINCT shop
FROM unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS one (kind, token)
JOIN order_identifier i
  ON i.merchant_no = %(merchant_no)s AND i.token = one.token AND i.kind = one.kind
JOIN orders o ON o.merchant_no = i.merchant_no AND o.id = i.order_id
CROSS JOIN unnest(o.shops) AS shop
WHERE o.state <> 'cancelled' AND NOT (o.state = 'placed' AND o.deadline_us <= %(now_us)s)
