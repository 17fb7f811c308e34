-- Campaigns with days that are over and have no open lease, whose rest has not gone back to the whole.
SELECT m.name, l.campaign, array_agg(DISTINCT l.day)
FROM ad_lease l JOIN merchant m USING (merchant_no)
WHERE l.swept_us IS NULL AND l.closed_us IS NOT NULL AND l.day < %(today)s
  AND NOT EXISTS (
    SELECT FROM ad_lease other
    WHERE (other.merchant_no, other.campaign, other.day) = (l.merchant_no, l.campaign, l.day) AND other.closed_us IS NULL
  )
GROUP BY l.merchant_no, m.name, l.campaign ORDER BY l.merchant_no, l.campaign LIMIT %(limit)s
