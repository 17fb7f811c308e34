-- Wins whose time is over, some of them: lease and price of each.
UPDATE ad_win w SET state = 'released', reason = 'expired', ended_us = %(now_us)s
FROM (
    SELECT merchant_no, trace, position FROM ad_win
    WHERE state = 'held' AND expires_us <= %(now_us)s ORDER BY expires_us LIMIT %(limit)s FOR UPDATE
) due
WHERE (w.merchant_no, w.trace, w.position) = (due.merchant_no, due.trace, due.position)
RETURNING w.lease, w.price_millifen
