-- Timers of a bulk evaluation: those that exist already know better.
INSERT INTO audience_timer (audience_no, person, due_us)
SELECT %(audience_no)s, * FROM unnest(%(persons)s::bigint[], %(dues)s::bigint[])
ON CONFLICT (audience_no, person) DO NOTHING
