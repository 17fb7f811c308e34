-- Forget all members, changes and timers; every audience waits for a bulk evaluation.
WITH s AS (DELETE FROM audience_snapshot), c AS (DELETE FROM membership_change), t AS (DELETE FROM audience_timer)
UPDATE audience SET epoch = epoch + 1, refresh_us = 0
