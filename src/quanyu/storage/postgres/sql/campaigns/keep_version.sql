-- A new version, or the next state of one; what it says never changes.
INSERT INTO campaign_version AS old (merchant_no, campaign, number, state, body, author, submitter, since_us)
VALUES (%(merchant_no)s, %(campaign)s, %(number)s, %(state)s, %(body)s, %(author)s, %(submitter)s, %(since_us)s)
ON CONFLICT (merchant_no, campaign, number) DO UPDATE
SET state = excluded.state, submitter = excluded.submitter, since_us = excluded.since_us
WHERE old.body = excluded.body AND old.author = excluded.author
