-- Held wins that are settled or released now. (Those that have not ended are held; asked by state, the index of all that are
-- held would be read instead of the key.)
UPDATE ad_win w SET state = k.state, reason = k.reason, ended_us = k.at_us
FROM unnest(%(traces)s::bytea[], %(positions)s::smallint[], %(states)s::text[], %(reasons)s::text[], %(at)s::bigint[])
     AS k (trace, position, state, reason, at_us)
WHERE w.merchant_no = %(merchant_no)s AND (w.trace, w.position) = (k.trace, k.position) AND w.ended_us IS NULL
