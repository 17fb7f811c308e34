-- One more line of the record.
INSERT INTO paper (merchant_no, kind, id, body, actor, at_us, withdrawn)
VALUES (%(merchant_no)s, %(kind)s, %(id)s, %(body)s, %(actor)s, %(at_us)s, %(withdrawn)s)
