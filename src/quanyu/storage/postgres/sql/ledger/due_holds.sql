-- Holds whose time is over, oldest first; looked at again under the locks.
SELECT uuid_send(id) FROM ledger_hold
WHERE state = 0 AND expires_us <= %(now)s ORDER BY expires_us, id LIMIT %(limit)s
