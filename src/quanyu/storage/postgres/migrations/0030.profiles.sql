-- What profiles are made of: each node's events in time order, and its folded states.
CREATE TABLE history (
    node     bigint NOT NULL,
    at_us    bigint NOT NULL,
    "offset" bigint NOT NULL,
    event    bytea  NOT NULL,
    PRIMARY KEY (node, at_us, "offset")
);

CREATE TABLE tag_state (
    node  bigint PRIMARY KEY,
    state bytea  NOT NULL
) WITH (fillfactor = 80);

-- The few nodes that need care, so that asking about them never reads the many.
-- minor_through: last year in which this node says that its person is under age.
-- suppressed: the person has no tags; the state holds the year of birth and nothing else.
CREATE TABLE tag_withheld (
    node          bigint   PRIMARY KEY,
    minor_through smallint,
    suppressed    boolean  NOT NULL,
    CHECK (suppressed OR minor_through IS NOT NULL)
);

-- Which measures the states were folded with.
CREATE TABLE tag_catalogue (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    digest text    NOT NULL
);
