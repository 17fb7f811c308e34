-- Segments that hold offsets after a place, in order, up to a number of events (at least one).
WITH ahead AS (
    SELECT first_offset, count, merchant_no, payload,
           sum(count) OVER (ORDER BY first_offset) - count AS before
    FROM (
        SELECT first_offset, count, merchant_no, payload FROM event_segment
        WHERE first_offset >= coalesce(
                  (SELECT max(first_offset) FROM event_segment WHERE first_offset <= %(after)s + 1),
                  0)
          AND first_offset + count - 1 > %(after)s
        ORDER BY first_offset
        LIMIT %(limit)s
    ) AS next
)
SELECT first_offset, count, merchant_no, payload FROM ahead
WHERE before < %(limit)s
ORDER BY first_offset
