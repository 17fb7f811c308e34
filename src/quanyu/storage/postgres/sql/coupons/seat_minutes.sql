-- The present minute of each offer, made when it is not there and locked either way.
INSERT INTO offer_minute (offer_no, what, minute, value_fen)
SELECT o, w, %(minute)s, 0 FROM unnest(%(offers)s::int[], %(whats)s::text[]) AS n (o, w)
ORDER BY o, w
ON CONFLICT (offer_no, what, minute) DO UPDATE SET value_fen = offer_minute.value_fen
