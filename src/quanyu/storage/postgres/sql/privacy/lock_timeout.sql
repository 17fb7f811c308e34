-- How long a session waits for a lock.
SELECT set_config('lock_timeout', %(timeout)s, false)
