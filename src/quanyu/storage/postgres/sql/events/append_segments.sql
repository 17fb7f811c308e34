-- Takes the next offsets and writes the segments there; the head row stays locked until commit.
WITH sent AS (
    SELECT merchant_no, size, payload, sum(size) OVER (ORDER BY place) - size AS before
    FROM unnest(%(merchants)s::int[], %(sizes)s::int[], %(payloads)b::bytea[])
         WITH ORDINALITY AS one (merchant_no, size, payload, place)
), moved AS (
    UPDATE log_head SET head = head + %(total)s RETURNING head - %(total)s AS last
)
INSERT INTO event_segment (first_offset, count, merchant_no, payload)
SELECT moved.last + 1 + sent.before, sent.size, sent.merchant_no, sent.payload FROM sent, moved
