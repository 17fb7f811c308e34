-- Audiences: their definitions, who is in them, how that came about, and what falls due.
CREATE TABLE audience (
    audience_no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer NOT NULL,
    name        text    NOT NULL CHECK (name <> '' AND length(name) <= 64),
    definition  text    NOT NULL,
    version     integer NOT NULL DEFAULT 1,
    created_us  bigint  NOT NULL,
    updated_us  bigint  NOT NULL,
    epoch       bigint  NOT NULL DEFAULT 0,
    refresh_us  bigint  NOT NULL DEFAULT 0,
    UNIQUE (merchant_no, name)
);

-- Numbers of changes follow commit order, because every writer locks this row.
CREATE TABLE audience_head (
    single    boolean PRIMARY KEY DEFAULT true CHECK (single),
    change_no bigint  NOT NULL
);
INSERT INTO audience_head (change_no) VALUES (0);

-- Members as a 64-bit roaring bitmap of persons, up to and including change_no. A new epoch
-- replaces the members without single changes (a new definition).
CREATE TABLE audience_snapshot (
    audience_no integer PRIMARY KEY REFERENCES audience ON DELETE CASCADE,
    epoch       bigint  NOT NULL,
    change_no   bigint  NOT NULL,
    members     bytea   NOT NULL
);

CREATE TABLE membership_change (
    change_no   bigint  PRIMARY KEY,
    audience_no integer NOT NULL REFERENCES audience ON DELETE CASCADE,
    person      bigint  NOT NULL,
    at_us       bigint  NOT NULL,
    entered     boolean NOT NULL,
    cause       text    NOT NULL
);
CREATE INDEX membership_change_audience ON membership_change (audience_no, change_no);

-- When to look again although nothing happens. after_offset: not before profiles have come so far.
CREATE TABLE audience_timer (
    audience_no  integer NOT NULL REFERENCES audience ON DELETE CASCADE,
    person       bigint  NOT NULL,
    due_us       bigint  NOT NULL,
    after_offset bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (audience_no, person)
);
CREATE INDEX audience_timer_due ON audience_timer (due_us);
