-- One at a time for an order of a programme: two purses share no row that could be locked.
SELECT pg_advisory_xact_lock(hashtextextended(%(reference)s, %(programme)s))
