-- Orders that count nowhere, of one merchant or of all (no number), per merchant.
SELECT merchant_no, array_agg(order_id ORDER BY order_id) FROM suspected_order
WHERE state <> 'cleared' AND (%(merchant_no)s::integer IS NULL OR merchant_no = %(merchant_no)s)
GROUP BY merchant_no ORDER BY merchant_no
