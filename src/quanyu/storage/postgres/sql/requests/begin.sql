-- Makes the request ours; nothing comes back when it was somebody's before.
INSERT INTO request (merchant_no, operation, key, fingerprint)
VALUES (%(merchant_no)s, %(operation)s, %(key)s, %(fingerprint)s)
ON CONFLICT DO NOTHING
RETURNING true
