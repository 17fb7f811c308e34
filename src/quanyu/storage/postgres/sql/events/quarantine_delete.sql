-- Forgets refused events by id.
DELETE FROM quarantine WHERE merchant_no = %(merchant_no)s AND id = ANY(%(ids)s::bigint[])
