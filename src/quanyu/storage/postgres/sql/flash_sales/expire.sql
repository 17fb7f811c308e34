-- Notes the holds whose time is over, but for those that are being paid now.
UPDATE flash_hold SET state = 'expired'
WHERE id IN (
    SELECT id FROM flash_hold WHERE state = 'held' AND expires_us <= %(now_us)s
    ORDER BY id LIMIT 10000 FOR UPDATE SKIP LOCKED
)
