-- Who placed an order, the strongest identifier first.
SELECT kind, token, shared FROM order_identifier
WHERE merchant_no = %(merchant_no)s AND order_id = %(order)s ORDER BY place
