-- Wins of some slots, locked in one order.
SELECT w.trace, w.position, w.campaign, w.lease, w.price_millifen, w.billing, w.touchpoint,
       coalesce(p.person, w.node), w.at_us, w.expires_us, w.seen_us, w.state, w.reason
FROM ad_win w
JOIN unnest(%(traces)s::bytea[], %(positions)s::smallint[]) AS k (trace, position) USING (trace, position)
LEFT JOIN person_of p ON p.node = w.node
WHERE w.merchant_no = %(merchant_no)s
ORDER BY w.trace, w.position FOR NO KEY UPDATE OF w
