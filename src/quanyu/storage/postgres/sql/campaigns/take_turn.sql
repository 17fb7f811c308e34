-- Waits until nobody else changes the campaign; holds until commit.
SELECT pg_advisory_xact_lock(hashtextextended('campaign' || chr(31) || %(merchant_no)s || chr(31) || %(campaign)s, 0))
