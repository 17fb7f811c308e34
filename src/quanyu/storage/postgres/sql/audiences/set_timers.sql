-- Look again at some people at some time; the earliest word counts.
INSERT INTO audience_timer (audience_no, person, due_us, after_offset)
SELECT * FROM unnest(%(audiences)s::integer[], %(persons)s::bigint[], %(dues)s::bigint[], %(offsets)s::bigint[])
ON CONFLICT (audience_no, person) DO UPDATE
SET due_us = EXCLUDED.due_us, after_offset = EXCLUDED.after_offset
WHERE EXCLUDED.due_us < audience_timer.due_us
