-- Campaigns that have opened the day: what was given, less what was won and is not released, in whole fen.
SELECT d.campaign, (d.given_fen - ceil(coalesce(sum(l.won_millifen - o.released_millifen), 0) / 1000.0))::bigint
FROM campaign_day d
LEFT JOIN ad_lease l USING (merchant_no, campaign, day)
LEFT JOIN ad_lease_outcome o ON o.lease = l.number
WHERE d.merchant_no = %(merchant_no)s AND d.day = %(day)s
GROUP BY d.campaign, d.given_fen
