-- Requests and their answers that nobody repeats any more.
DELETE FROM request WHERE (merchant_no, operation, key) IN (
    SELECT merchant_no, operation, key FROM request WHERE at < to_timestamp(%(cutoff_us)s / 1000000.0) LIMIT %(limit)s
)
