-- Coupons whose lock or gift is over.
SELECT m.name, c.coupon FROM coupon c JOIN merchant m ON m.merchant_no = c.merchant_no
WHERE c.until_us <= %(now_us)s ORDER BY c.until_us LIMIT %(limit)s
