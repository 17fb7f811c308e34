-- The breaker of an offer trips, once.
INSERT INTO offer_trip (offer_no, at_us, what, minutes, value_fen)
VALUES (%(offer_no)s, %(at_us)s, %(what)s, %(minutes)s, %(value_fen)s)
ON CONFLICT DO NOTHING
