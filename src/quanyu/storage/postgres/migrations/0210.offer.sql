-- Offers, their switches and their history; a line of history is never changed.
CREATE TABLE offer (
    offer_no     integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no  integer NOT NULL,
    offer        text    NOT NULL,
    template     bytea   NOT NULL,
    state        text    NOT NULL,
    killed       boolean NOT NULL DEFAULT false,
    submitted_by text,
    made_us      bigint  NOT NULL,
    UNIQUE (merchant_no, offer)
);
CREATE TABLE offer_history (
    line_no  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    offer_no integer NOT NULL REFERENCES offer,
    at_us    bigint  NOT NULL,
    actor    text    NOT NULL,
    what     text    NOT NULL,
    before   text    NOT NULL,
    after    text    NOT NULL,
    note     text    NOT NULL
);
CREATE INDEX ON offer_history (offer_no, line_no);
CREATE FUNCTION offer_history_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a line of history is never changed'; END $$;
CREATE TRIGGER offer_history_stays BEFORE UPDATE OR DELETE ON offer_history
    FOR EACH ROW EXECUTE FUNCTION offer_history_stays();
-- A breaker that has tripped; a person removes the row.
CREATE TABLE offer_trip (
    offer_no  integer PRIMARY KEY REFERENCES offer,
    at_us     bigint  NOT NULL,
    what      text    NOT NULL,
    minutes   integer NOT NULL,
    value_fen bigint  NOT NULL
);
-- Value issued and redeemed per minute: what the breaker looks at.
CREATE TABLE offer_minute (
    offer_no  integer NOT NULL REFERENCES offer,
    what      text    NOT NULL,
    minute    bigint  NOT NULL,
    value_fen bigint  NOT NULL CHECK (value_fen >= 0),
    PRIMARY KEY (offer_no, what, minute)
);
