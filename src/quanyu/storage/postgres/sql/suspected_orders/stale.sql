-- Suspected by an earlier scan alone, and nobody has said anything since.
SELECT order_id FROM suspected_order
WHERE merchant_no = %(merchant_no)s AND state = 'suspected' AND scan <> %(scan)s AND NOT by_person
ORDER BY order_id FOR UPDATE
