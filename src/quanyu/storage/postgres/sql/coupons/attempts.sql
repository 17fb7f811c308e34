-- Counts these attempts and tells those of the last hour by minute.
WITH counted AS (
    INSERT INTO coupon_attempt (merchant_no, kind, token, minute, attempts)
    SELECT m, k, t, %(minute)s, a
    FROM unnest(%(merchants)s::int[], %(kinds)s::text[], %(tokens)s::bytea[], %(attempts)s::int[])
         AS n (m, k, t, a)
    ORDER BY m, k, t
    ON CONFLICT (merchant_no, kind, token, minute)
    DO UPDATE SET attempts = coupon_attempt.attempts + excluded.attempts
    RETURNING merchant_no, kind, token, minute, attempts
)
SELECT * FROM counted
UNION ALL
SELECT a.merchant_no, a.kind, a.token, a.minute, a.attempts
FROM coupon_attempt a
WHERE (a.merchant_no, a.kind, a.token) IN
      (SELECT * FROM unnest(%(merchants)s::int[], %(kinds)s::text[], %(tokens)s::bytea[]))
  AND a.minute > %(minute)s - 60 AND a.minute < %(minute)s
