-- Erase people from journals and timers; (audience, person) of every line that was there.
WITH t AS (DELETE FROM audience_timer WHERE person = ANY (%(persons)s))
DELETE FROM membership_change WHERE person = ANY (%(persons)s)
RETURNING audience_no, person
