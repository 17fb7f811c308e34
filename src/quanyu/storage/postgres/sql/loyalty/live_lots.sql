-- Pending and available lots of some members.
SELECT id, member_id, granted, remaining, state, available_us, expires_us, source, reference, funder,
       cash_fen, refunded_fen, reversed, version
FROM points_lot WHERE member_id = ANY (%(ids)s) AND state IN ('pending', 'available')
ORDER BY id
