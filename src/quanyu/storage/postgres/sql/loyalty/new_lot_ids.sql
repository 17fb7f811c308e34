-- Numbers for lots that are not written yet.
SELECT nextval(pg_get_serial_sequence('points_lot', 'id')) FROM generate_series(1, %(number)s)
