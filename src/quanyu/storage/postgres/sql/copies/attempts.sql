-- Attempts to claim that are counted against haste.
SELECT jsonb_build_object('kind', a.kind, 'at_us', a.minute * 60000000, 'attempts', a.attempts)
FROM coupon_attempt a
WHERE a.merchant_no = %(merchant_no)s AND a.token = ANY (%(tokens)s::bytea[]) ORDER BY a.minute, a.kind
