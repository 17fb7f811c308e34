-- What profiles are made of: each node's events in time order, and its folded states.
CREATE TABLE history (
    node     bigint NOT NULL,
    at_us    bigint NOT NULL,
    "offset" bigint NOT NULL,
    event    bytea  NOT NULL,
    PRIMARY KEY (node, at_us, "offset")
);
ALTER TABLE history ALTER COLUMN event SET STORAGE MAIN;

-- suppressed: the person has switched personalisation off or is under age; the state then holds
-- the year of birth and nothing else. minor_through: last year in which the node's person counts
-- as under age.
CREATE TABLE tag_state (
    node          bigint   PRIMARY KEY,
    state         bytea    NOT NULL,
    minor_through smallint,
    suppressed    boolean  NOT NULL DEFAULT false
);
CREATE INDEX tag_state_minor ON tag_state (node) WHERE minor_through IS NOT NULL;
CREATE INDEX tag_state_suppressed ON tag_state (node) WHERE suppressed;

-- Which measures the states were folded with.
CREATE TABLE tag_catalogue (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    digest text    NOT NULL
);
