-- What an order earned.
SELECT id, member_id, granted, remaining, state, available_us, expires_us, source, reference, funder,
       cash_fen, refunded_fen, reversed, version
FROM points_lot
WHERE programme_id = %(programme)s AND reference = %(reference)s AND source = 'order'
