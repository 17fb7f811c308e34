-- Suspected by an earlier scan, and nobody has said anything since.
SELECT order_id FROM suspected_order
WHERE merchant_no = %(merchant_no)s AND state = 'suspected' AND scan <> %(scan)s
ORDER BY order_id FOR UPDATE
