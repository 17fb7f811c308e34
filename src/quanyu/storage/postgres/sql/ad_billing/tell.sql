-- Touchpoints have told of impressions.
INSERT INTO ad_impressions_told AS known (merchant_no, touchpoint, first_us, last_us)
SELECT %(merchant_no)s, t.* FROM unnest(%(touchpoints)s::text[], %(first)s::bigint[], %(last)s::bigint[]) AS t
ON CONFLICT (merchant_no, touchpoint) DO UPDATE
SET first_us = least(known.first_us, excluded.first_us), last_us = greatest(known.last_us, excluded.last_us)
