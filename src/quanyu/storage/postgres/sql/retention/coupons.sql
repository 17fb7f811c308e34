-- Coupons that ended long ago belong to nobody who can be found again.
UPDATE coupon c SET holder_kind = 'erased', holder_token = uuid_send(gen_random_uuid())
FROM (
    SELECT coupon_no FROM coupon
    WHERE expires_us < %(cutoff_us)s AND coalesce(used_us, 0) < %(cutoff_us)s
        AND holder_kind <> 'erased' AND state <> 'locked' LIMIT %(limit)s
) old WHERE c.coupon_no = old.coupon_no
