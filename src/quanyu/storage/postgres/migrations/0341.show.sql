-- Live shows as they are planned, how far they have come, and the head of their archive.
CREATE TABLE show (
    merchant_no   integer NOT NULL,
    id            text    COLLATE "C" NOT NULL,
    room          text    NOT NULL,
    series        text    NOT NULL,
    plan          bytea   NOT NULL,
    state         text    NOT NULL CHECK (state IN
        ('planned', 'approved', 'live', 'ended', 'archived', 'cancelled')),
    since_us      bigint  NOT NULL,
    planner       text    NOT NULL,
    hash          text    NOT NULL,
    starts_us     bigint  NOT NULL,
    ends_us       bigint  NOT NULL CHECK (ends_us > starts_us),
    started_us    bigint,
    ended_us      bigint  CHECK (ended_us >= started_us),
    entries       integer NOT NULL DEFAULT 0,
    entry_hash    bytea   NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    kept_until_us bigint,
    PRIMARY KEY (merchant_no, id),
    CHECK (state NOT IN ('live', 'ended', 'archived') OR started_us IS NOT NULL),
    CHECK (state NOT IN ('ended', 'archived') OR ended_us IS NOT NULL),
    CHECK (state <> 'archived' OR kept_until_us IS NOT NULL)
);
CREATE INDEX show_to_come ON show (merchant_no, ends_us) WHERE state IN ('planned', 'approved', 'live');

CREATE TABLE show_entry (
    merchant_no integer NOT NULL,
    show        text    COLLATE "C" NOT NULL,
    number      integer NOT NULL CHECK (number > 0),
    at_us       bigint  NOT NULL,
    kind        text    NOT NULL,
    said        jsonb   NOT NULL,
    hash        bytea   NOT NULL,
    PRIMARY KEY (merchant_no, show, number),
    FOREIGN KEY (merchant_no, show) REFERENCES show (merchant_no, id)
);
CREATE INDEX show_entry_last_calls ON show_entry (merchant_no, (said ->> 'item')) WHERE kind = 'last_chance';

CREATE FUNCTION show_archive_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the archive of a show is append-only, and kept for three years at least';
END $$;
CREATE TRIGGER show_archive_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON show_entry
    FOR EACH STATEMENT EXECUTE FUNCTION show_archive_is_append_only();

-- Orders that came out of a live show: what they are priced and paid by stands with the order.
CREATE TABLE show_order (
    merchant_no integer NOT NULL,
    order_id    text    NOT NULL,
    show        text    COLLATE "C" NOT NULL,
    PRIMARY KEY (merchant_no, order_id),
    FOREIGN KEY (merchant_no, show) REFERENCES show (merchant_no, id)
);
CREATE INDEX show_order_show ON show_order (merchant_no, show);
