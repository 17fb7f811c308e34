-- The end of a hold.
UPDATE flash_hold SET state = %(state)s, order_key = %(order)s
WHERE id = %(hold)s AND state = 'held'
