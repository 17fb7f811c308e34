-- Which of these items are vouchers.
SELECT terms::text FROM voucher_product
WHERE merchant_no = %(merchant_no)s AND item = ANY(%(items)s) ORDER BY item
