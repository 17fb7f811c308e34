-- Versions in force of all that have not ended, for a cursor on the server.
SELECT v.number, v.body, c.day_fen, c.total_fen
FROM campaign c
JOIN campaign_version v ON v.merchant_no = c.merchant_no AND v.campaign = c.campaign AND v.number = c.in_force
WHERE c.merchant_no = %(merchant_no)s AND c.state IN ('approved', 'running', 'paused') ORDER BY c.campaign
