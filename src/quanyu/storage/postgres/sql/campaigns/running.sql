-- Versions in force of what runs at that time and is not withheld, for a cursor on the server.
SELECT v.number, v.body, c.day_fen, c.total_fen
FROM campaign c
JOIN campaign_version v ON v.merchant_no = c.merchant_no AND v.campaign = c.campaign AND v.number = c.in_force
WHERE c.merchant_no = %(merchant_no)s AND c.state = 'running'
  AND c.from_us <= %(at_us)s AND %(at_us)s < c.to_us
  AND NOT EXISTS (
    SELECT FROM withheld w WHERE w.merchant_no = c.merchant_no AND w.kind = 'campaign' AND w.id = c.campaign
) ORDER BY c.campaign
