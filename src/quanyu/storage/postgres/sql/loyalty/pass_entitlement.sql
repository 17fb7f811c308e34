-- The next state of a code that is still ordered.
UPDATE points_entitlement SET state = %(state)s WHERE id = %(id)s AND state = 'ordered'
