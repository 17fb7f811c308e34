-- Campaigns that have opened leases: fen that are out, and whole fen earned, a page.
SELECT l.merchant_no, m.name, l.campaign,
       coalesce(sum(l.amount_fen - o.settled_millifen / 1000) FILTER (WHERE l.closed_us IS NULL), 0)::bigint,
       sum(o.settled_millifen / 1000)::bigint
FROM ad_lease l JOIN ad_lease_outcome o ON o.lease = l.number JOIN merchant m USING (merchant_no)
WHERE (l.merchant_no, l.campaign) > (%(merchant_no)s, %(campaign)s)
GROUP BY l.merchant_no, m.name, l.campaign ORDER BY l.merchant_no, l.campaign LIMIT %(limit)s
