-- One migrating process at a time; freed when its session ends.
SELECT pg_advisory_lock(%s)
