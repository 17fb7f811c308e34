-- Runs of the retention job: which steps are done, and what each removed. Names nobody.
CREATE TABLE retention_run (
    run         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_us  bigint NOT NULL,
    finished_us bigint,
    steps       text[] NOT NULL DEFAULT '{}',
    removed     jsonb  NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX retention_run_open ON retention_run ((true)) WHERE finished_us IS NULL;
