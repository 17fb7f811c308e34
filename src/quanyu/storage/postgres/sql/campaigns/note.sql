-- A line of history.
INSERT INTO campaign_change (merchant_no, campaign, change) VALUES (%(merchant_no)s, %(campaign)s, %(change)s)
