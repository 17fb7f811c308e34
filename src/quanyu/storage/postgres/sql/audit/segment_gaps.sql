-- Places where a hot segment does not begin right after the one before it.
SELECT first_offset, expected
FROM (
    SELECT first_offset,
           lag(first_offset + count) OVER (ORDER BY first_offset) AS expected
    FROM event_segment
) AS row
WHERE first_offset <> expected
ORDER BY first_offset
