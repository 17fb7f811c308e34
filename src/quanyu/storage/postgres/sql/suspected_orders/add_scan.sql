-- A scan that was kept.
INSERT INTO fraud_scan (merchant_no, scan, at_us, summary)
VALUES (%(merchant_no)s, %(scan)s, %(now_us)s, %(summary)s::jsonb)
ON CONFLICT (merchant_no, scan) DO NOTHING
