-- Lots by their numbers.
SELECT id, member_id, granted, remaining, state, available_us, expires_us, source, reference, funder,
       cash_fen, refunded_fen, reversed, version
FROM points_lot WHERE id = ANY (%(ids)s) ORDER BY id
