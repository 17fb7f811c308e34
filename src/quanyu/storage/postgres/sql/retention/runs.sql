-- The latest runs that are finished, newest first.
SELECT run, started_us, finished_us, removed FROM retention_run
WHERE finished_us IS NOT NULL ORDER BY run DESC LIMIT %(limit)s
