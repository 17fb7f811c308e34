-- Leases that say something else than their wins, or of which more was won than they hold.
WITH sums AS (
    SELECT lease, sum(price_millifen) AS won,
           coalesce(sum(price_millifen) FILTER (WHERE state = 'settled'), 0) AS settled,
           coalesce(sum(price_millifen) FILTER (WHERE state = 'released'), 0) AS released,
           coalesce(sum(price_millifen) FILTER (WHERE state <> 'released'), 0) AS bound
    FROM ad_win GROUP BY lease
)
SELECT coalesce(l.number, s.lease), l.number IS NULL, o.lease IS NULL,
       coalesce(l.amount_fen * 1000, 0)::bigint, coalesce(l.won_millifen, 0), coalesce(o.settled_millifen, 0),
       coalesce(o.released_millifen, 0), coalesce(s.won, 0)::bigint, coalesce(s.settled, 0)::bigint,
       coalesce(s.released, 0)::bigint, coalesce(s.bound, 0)::bigint
FROM ad_lease l
LEFT JOIN ad_lease_outcome o ON o.lease = l.number
FULL JOIN sums s ON s.lease = l.number
WHERE l.number IS NULL OR o.lease IS NULL OR coalesce(s.bound, 0) > l.amount_fen * 1000
   OR (coalesce(s.won, 0), coalesce(s.settled, 0), coalesce(s.released, 0))
      <> (l.won_millifen, o.settled_millifen, o.released_millifen)
ORDER BY 1
