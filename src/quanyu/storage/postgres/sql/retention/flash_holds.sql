-- Pieces reserved long ago belong to nobody who can be found again.
UPDATE flash_hold f SET holder_kind = 'gone', holder_token = uuid_send(gen_random_uuid())
FROM (
    SELECT id FROM flash_hold
    WHERE expires_us < %(cutoff_us)s AND holder_kind <> 'gone' AND state <> 'held' LIMIT %(limit)s
) old WHERE f.id = old.id
