-- A hold waits for one order.
UPDATE flash_hold SET order_key = %(order)s WHERE id = %(hold)s AND state = 'held'
