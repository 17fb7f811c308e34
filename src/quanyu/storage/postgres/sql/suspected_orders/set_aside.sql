-- Orders that count nowhere: suspected or confirmed.
SELECT order_id FROM suspected_order
WHERE merchant_no = %(merchant_no)s AND state <> 'cleared' ORDER BY order_id
