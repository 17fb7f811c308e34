-- Forgets segments that lie wholly at or before an offset; their events are in the lake.
DELETE FROM event_segment WHERE first_offset + count - 1 <= %(through)s
