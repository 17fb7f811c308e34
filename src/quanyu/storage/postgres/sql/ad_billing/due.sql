-- Leases that are over and whose wins have all ended, some of them: what is left of each goes back.
SELECT l.number, m.name, l.campaign, l.day, l.amount_fen - o.settled_millifen / 1000
FROM ad_lease l JOIN ad_lease_outcome o ON o.lease = l.number JOIN merchant m USING (merchant_no)
WHERE l.closed_us IS NULL AND l.ends_us <= %(ended_us)s
  AND l.won_millifen = o.settled_millifen + o.released_millifen
ORDER BY l.number LIMIT %(limit)s FOR NO KEY UPDATE OF l SKIP LOCKED
