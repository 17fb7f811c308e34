-- Writes a segment anew without the events of an erased person.
UPDATE event_segment SET payload = %(payload)s WHERE first_offset = %(first_offset)s
