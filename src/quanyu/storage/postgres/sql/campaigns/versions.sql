-- Versions of a campaign, one or all, oldest first.
SELECT body, number, state, author, since_us, submitter FROM campaign_version
WHERE merchant_no = %(merchant_no)s AND campaign = %(campaign)s AND (%(number)s::integer IS NULL OR number = %(number)s)
ORDER BY number
