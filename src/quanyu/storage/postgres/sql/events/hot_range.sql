-- First offset that is still in PostgreSQL (null when none is), and the head.
SELECT (SELECT min(first_offset) FROM event_segment), head FROM log_head
