-- The history of a campaign, oldest first.
SELECT change FROM campaign_change
WHERE merchant_no = %(merchant_no)s AND campaign = %(campaign)s ORDER BY line_no
