-- Opens a day, or changes what it was given.
INSERT INTO campaign_day (merchant_no, campaign, day, given_fen)
VALUES (%(merchant_no)s, %(campaign)s, %(day)s, %(given_fen)s)
ON CONFLICT (merchant_no, campaign, day) DO UPDATE SET given_fen = excluded.given_fen
