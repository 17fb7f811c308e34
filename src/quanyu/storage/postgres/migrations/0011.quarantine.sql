-- Refused events, kept with their bytes (encrypted) until they are mended or 30 days are over.
CREATE TABLE quarantine (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer  NOT NULL,
    digest      bytea    NOT NULL,
    body        bytea    NOT NULL,
    position    integer  NOT NULL,
    event_id    text,
    field       text,
    reason      text     NOT NULL,
    mend        text     NOT NULL,
    times       integer  NOT NULL DEFAULT 1,
    received_us bigint   NOT NULL,
    expires_us  bigint   NOT NULL,
    UNIQUE (merchant_no, digest)
);
CREATE INDEX quarantine_expires ON quarantine (expires_us);
