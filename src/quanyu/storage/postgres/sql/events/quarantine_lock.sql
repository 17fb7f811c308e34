-- One writer at a time keeps refused events of a merchant, so that equal bytes cannot deadlock.
SELECT pg_advisory_xact_lock(20910, %(merchant_no)s)
