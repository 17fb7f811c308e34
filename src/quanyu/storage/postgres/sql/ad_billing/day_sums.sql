-- Of one day of a campaign: whole fen earned, and fen that are out in open leases.
SELECT coalesce(sum(o.settled_millifen / 1000), 0)::bigint,
       coalesce(sum(l.amount_fen - o.settled_millifen / 1000) FILTER (WHERE l.closed_us IS NULL), 0)::bigint
FROM ad_lease l JOIN ad_lease_outcome o ON o.lease = l.number
WHERE l.merchant_no = %(merchant_no)s AND l.campaign = %(campaign)s AND l.day = %(day)s
