-- The run that is open.
SELECT run, started_us, steps FROM retention_run WHERE finished_us IS NULL
