-- Erase people from journals and timers.
WITH c AS (DELETE FROM membership_change WHERE person = ANY (%(persons)s))
DELETE FROM audience_timer WHERE person = ANY (%(persons)s)
