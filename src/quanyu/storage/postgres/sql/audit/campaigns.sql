-- Campaigns and what their rows say, a page.
SELECT c.merchant_no, m.name, c.campaign, c.advertiser, c.committed_fen, c.settled
FROM campaign c JOIN merchant m USING (merchant_no)
WHERE (c.merchant_no, c.campaign) > (%(merchant_no)s, %(campaign)s)
ORDER BY c.merchant_no, c.campaign LIMIT %(limit)s
