-- Begin a run, unless one is open.
INSERT INTO retention_run (started_us) VALUES (%(now_us)s) ON CONFLICT DO NOTHING
