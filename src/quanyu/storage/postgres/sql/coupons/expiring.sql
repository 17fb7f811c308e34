-- Coupons whose time is over.
SELECT m.name, c.coupon FROM coupon c JOIN merchant m ON m.merchant_no = c.merchant_no
WHERE c.state = 'issued' AND c.expires_us <= %(now_us)s ORDER BY c.expires_us LIMIT %(limit)s
