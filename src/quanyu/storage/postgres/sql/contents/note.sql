-- A line of the history of a piece.
INSERT INTO content_change (merchant_no, piece, change) VALUES (%(merchant_no)s, %(piece)s, %(change)s)
