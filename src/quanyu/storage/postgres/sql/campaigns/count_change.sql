-- One more change of the merchant's campaigns.
INSERT INTO campaign_revision AS old (merchant_no, changes) VALUES (%(merchant_no)s, 1)
ON CONFLICT (merchant_no) DO UPDATE SET changes = old.changes + 1
