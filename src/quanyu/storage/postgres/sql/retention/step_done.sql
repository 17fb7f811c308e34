-- Note that a step is done, and what it removed.
UPDATE retention_run SET steps = steps || %(step)s::text, removed = removed || %(removed)s
WHERE run = %(run)s AND NOT steps @> ARRAY[%(step)s::text]
