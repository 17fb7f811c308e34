-- Waits until nobody else plans shows of the merchant; holds until commit.
SELECT pg_advisory_xact_lock(hashtextextended('show' || chr(31) || %(merchant_no)s, 0))
