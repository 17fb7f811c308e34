-- The next few hot segments of one merchant after an offset, locked for rewriting.
SELECT first_offset, payload FROM event_segment
WHERE merchant_no = %(merchant_no)s AND first_offset > %(after)s
ORDER BY first_offset LIMIT 16 FOR UPDATE
