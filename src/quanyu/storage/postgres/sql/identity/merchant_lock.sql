-- Changes to the edges of one merchant take turns.
SELECT pg_advisory_xact_lock(1899591, %s)
