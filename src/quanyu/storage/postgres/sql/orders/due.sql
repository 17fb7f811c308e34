-- Unpaid orders whose deadline is over, oldest first.
SELECT merchant.name, orders.id FROM orders JOIN merchant USING (merchant_no)
WHERE state = 'placed' AND deadline_us <= %(now_us)s
ORDER BY deadline_us, orders.id LIMIT %(limit)s
