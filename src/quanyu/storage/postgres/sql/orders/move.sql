-- To its next state, from the one it was read in.
UPDATE orders
SET state = %(to)s,
    method = CASE WHEN %(method)s = '' THEN method ELSE %(method)s END,
    shipped = shipped OR %(to)s IN ('shipped', 'confirmed')
WHERE merchant_no = %(merchant_no)s AND id = %(order)s AND state = %(from)s
