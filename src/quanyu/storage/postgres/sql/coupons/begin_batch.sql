-- A batch of codes, unless it has begun.
INSERT INTO code_batch (merchant_no, batch, offer_no, pieces)
VALUES (%(merchant_no)s, %(batch)s, %(offer_no)s, %(pieces)s)
ON CONFLICT DO NOTHING
