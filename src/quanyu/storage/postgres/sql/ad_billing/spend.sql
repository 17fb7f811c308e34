-- What a campaign has spent, by day.
SELECT l.day, sum(l.won_millifen - o.settled_millifen - o.released_millifen)::bigint, sum(o.settled_millifen)::bigint,
       sum(o.settled_millifen / 1000)::bigint, sum(o.released_millifen)::bigint
FROM ad_lease l JOIN ad_lease_outcome o ON o.lease = l.number
WHERE l.merchant_no = %(merchant_no)s AND l.campaign = %(campaign)s GROUP BY l.day
