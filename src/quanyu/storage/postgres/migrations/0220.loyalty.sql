-- Programmes of points: members, lots, spends with their links to lots, and partner benefits.
CREATE TABLE points_programme (
    id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner    text  NOT NULL,
    name     text  NOT NULL,
    terms    bytea NOT NULL,
    UNIQUE (owner, name)
);

CREATE TABLE points_member (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id integer NOT NULL REFERENCES points_programme,
    public_id    text    NOT NULL UNIQUE,
    holder_kind  text    NOT NULL,
    holder_token bytea   NOT NULL,
    joined_us    bigint  NOT NULL,
    debt         bigint  NOT NULL DEFAULT 0 CHECK (debt >= 0),
    tier_points  bigint  NOT NULL DEFAULT 0 CHECK (tier_points >= 0),
    frozen       boolean NOT NULL DEFAULT false,
    UNIQUE (programme_id, holder_kind, holder_token)
) WITH (fillfactor = 80);

CREATE TABLE points_lot (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    member_id    bigint NOT NULL REFERENCES points_member,
    granted      bigint NOT NULL CHECK (granted > 0),
    remaining    bigint NOT NULL CHECK (remaining BETWEEN 0 AND granted),
    state        text   NOT NULL
        CHECK (state IN ('pending', 'available', 'spent', 'expired', 'reversed')),
    available_us bigint NOT NULL,
    expires_us   bigint NOT NULL,
    source       text   NOT NULL CHECK (source IN ('order', 'joining', 'gift', 'transfer')),
    reference    text   NOT NULL,
    funder       text   NOT NULL,
    cash_fen     bigint NOT NULL CHECK (cash_fen >= 0),
    refunded_fen bigint NOT NULL CHECK (refunded_fen BETWEEN 0 AND cash_fen),
    reversed     bigint NOT NULL CHECK (reversed BETWEEN 0 AND granted),
    version      integer NOT NULL,
    programme_id integer NOT NULL REFERENCES points_programme,
    CHECK (remaining = 0 OR state IN ('pending', 'available'))
) WITH (fillfactor = 80);
CREATE INDEX points_lot_live ON points_lot (member_id) WHERE state IN ('pending', 'available');
CREATE UNIQUE INDEX points_lot_order ON points_lot (programme_id, reference) WHERE source = 'order';
CREATE INDEX points_lot_pending ON points_lot (available_us) WHERE state = 'pending';
CREATE INDEX points_lot_ending ON points_lot (expires_us) WHERE state = 'available';

CREATE TABLE points_spend (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id integer NOT NULL REFERENCES points_programme,
    reference    text    NOT NULL,
    points       bigint  NOT NULL CHECK (points > 0),
    UNIQUE (programme_id, reference)
);

CREATE TABLE points_taken (
    spend_id bigint NOT NULL REFERENCES points_spend,
    lot_id   bigint NOT NULL REFERENCES points_lot,
    points   bigint NOT NULL CHECK (points > 0),
    restored bigint NOT NULL DEFAULT 0 CHECK (restored BETWEEN 0 AND points),
    PRIMARY KEY (spend_id, lot_id)
);

CREATE TABLE points_item (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    programme_id integer NOT NULL REFERENCES points_programme,
    name         text    NOT NULL,
    partner      text    NOT NULL,
    offered      bytea   NOT NULL,
    UNIQUE (programme_id, name)
);

CREATE TABLE points_entitlement (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id   integer NOT NULL REFERENCES points_item,
    member_id bigint  NOT NULL REFERENCES points_member,
    code      text    NOT NULL UNIQUE,
    state     text    NOT NULL CHECK (state IN ('ordered', 'fulfilled', 'failed'))
);
CREATE INDEX points_entitlement_member ON points_entitlement (member_id);
