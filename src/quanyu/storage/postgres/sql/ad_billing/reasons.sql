-- Events at the ads of a campaign that could have been billed, by day and by what became of them.
SELECT day, reason, count(*) FROM ad_touch WHERE merchant_no = %(merchant_no)s AND campaign = %(campaign)s GROUP BY 1, 2
