-- The next version of a piece.
INSERT INTO content_version (merchant_no, piece, number, kind, state, body, author, submitter, since_us)
VALUES (%(merchant_no)s, %(piece)s, %(number)s, %(kind)s, %(state)s, %(body)s, %(author)s, %(submitter)s, %(since_us)s)
