-- A line of history.
INSERT INTO offer_history (offer_no, at_us, actor, what, before, after, note)
VALUES (%(offer_no)s, %(at_us)s, %(actor)s, %(what)s, %(before)s, %(after)s, %(note)s)
