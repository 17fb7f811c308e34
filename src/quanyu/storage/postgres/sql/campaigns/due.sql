-- Whose start or end has come, and ended ones whose money is not all back.
SELECT m.name, c.campaign FROM campaign c JOIN merchant m USING (merchant_no)
WHERE (c.state = 'approved' AND c.from_us <= %(at_us)s)
   OR (c.state IN ('approved', 'running', 'paused') AND c.to_us <= %(at_us)s)
   OR (c.state = 'ended' AND NOT c.settled)
ORDER BY c.merchant_no, c.campaign
