-- The next entries of the archive of a show.
INSERT INTO show_entry (merchant_no, show, number, at_us, kind, said, hash)
VALUES (%(merchant_no)s, %(show)s, %(number)s, %(at_us)s, %(kind)s, %(said)s, %(hash)s)
