-- Forgets what nobody mended in time.
DELETE FROM quarantine WHERE expires_us <= %(now_us)s
