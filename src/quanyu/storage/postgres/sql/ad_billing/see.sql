-- When ads were first seen.
UPDATE ad_win w SET seen_us = k.seen_us
FROM unnest(%(traces)s::bytea[], %(positions)s::smallint[], %(seen)s::bigint[]) AS k (trace, position, seen_us)
WHERE w.merchant_no = %(merchant_no)s AND (w.trace, w.position) = (k.trace, k.position)
