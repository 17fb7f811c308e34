-- What the days of a campaign were given.
SELECT day, given_fen FROM campaign_day WHERE merchant_no = %(merchant_no)s AND campaign = %(campaign)s
