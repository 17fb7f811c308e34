-- Steps of coupons that nobody repeats any more.
DELETE FROM coupon_step WHERE (merchant_no, operation, request) IN (
    SELECT merchant_no, operation, request FROM coupon_step WHERE at_us < %(cutoff_us)s LIMIT %(limit)s
)
