-- The event log: hot segments, the keys that find duplicates, the head, and the consumers' places.
CREATE TABLE event_segment (
    first_offset bigint PRIMARY KEY,
    count        integer NOT NULL CHECK (count > 0),
    merchant_no  integer NOT NULL,
    payload      bytea   NOT NULL
);
-- MessagePack of random tokens does not compress; the attempt costs more than it saves.
ALTER TABLE event_segment ALTER COLUMN payload SET STORAGE EXTERNAL;

-- Kept after segments have moved to the lake: an event id is taken once, for ever.
CREATE TABLE event_key (
    merchant_no integer NOT NULL,
    key         uuid    NOT NULL,
    PRIMARY KEY (merchant_no, key)
);

CREATE TABLE log_head (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    head bigint  NOT NULL CHECK (head >= 0)
);
INSERT INTO log_head (head) VALUES (0);

CREATE TABLE consumer_offset (
    consumer text   PRIMARY KEY,
    "offset" bigint NOT NULL CHECK ("offset" >= 0)
);
