-- What each day of a campaign was given.
SELECT day, given_fen FROM campaign_day WHERE merchant_no = %(merchant_no)s AND campaign = %(campaign)s ORDER BY day
