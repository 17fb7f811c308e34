-- Close a run.
UPDATE retention_run SET finished_us = %(finished_us)s WHERE run = %(run)s
RETURNING run, started_us, finished_us, removed
