-- A merchant's refused events after an id, without their bytes.
SELECT id, position, event_id, field, reason, mend, times, received_us, expires_us
FROM quarantine WHERE merchant_no = %(merchant_no)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
