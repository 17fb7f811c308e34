-- Who placed orders; the orders stay.
DELETE FROM order_identifier i
USING unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS gone (kind, token)
WHERE i.merchant_no = %(merchant_no)s AND i.token = gone.token AND i.kind = gone.kind
