-- Waits until nobody else changes the piece; holds until commit.
SELECT pg_advisory_xact_lock(hashtextextended('content' || chr(31) || %(merchant_no)s || chr(31) || %(piece)s, 0))
