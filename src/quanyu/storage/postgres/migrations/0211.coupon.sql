-- Coupons, their steps, and how many pieces a holder has had.
CREATE TABLE coupon (
    coupon_no    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no  integer NOT NULL,
    offer_no     integer NOT NULL REFERENCES offer,
    coupon       text    NOT NULL UNIQUE,
    state        text    NOT NULL,
    holder_kind  text,
    holder_token bytea,
    holder_seq   integer,
    issued_us    bigint  NOT NULL,
    expires_us   bigint  NOT NULL,
    face_fen     bigint  NOT NULL CHECK (face_fen > 0),
    until_us     bigint,
    order_id     text,
    store        text,
    used_us      bigint,
    spent_fen    bigint CHECK (spent_fen BETWEEN 0 AND face_fen),
    gift         bytea,
    code_hash    bytea,
    last4        text    NOT NULL DEFAULT '',
    CHECK ((state = 'used') = (used_us IS NOT NULL)),
    CHECK (state <> 'locked' OR (order_id IS NOT NULL AND until_us IS NOT NULL)),
    CHECK ((holder_kind IS NULL) = (holder_token IS NULL)),
    UNIQUE (offer_no, holder_kind, holder_token, holder_seq)
);
CREATE UNIQUE INDEX coupon_code ON coupon (merchant_no, code_hash) WHERE code_hash IS NOT NULL;
CREATE INDEX coupon_of_holder ON coupon (merchant_no, holder_token) WHERE holder_token IS NOT NULL;
CREATE INDEX coupon_lapsing ON coupon (until_us) WHERE until_us IS NOT NULL;
CREATE INDEX coupon_expiring ON coupon (expires_us) WHERE state = 'issued';
CREATE INDEX coupon_of_order ON coupon (merchant_no, order_id) WHERE order_id IS NOT NULL;
-- Pieces of an offer that a holder has had: the row to lock where no coupon exists yet.
CREATE TABLE coupon_holder (
    offer_no integer NOT NULL REFERENCES offer,
    kind     text    NOT NULL,
    token    bytea   NOT NULL,
    pieces   integer NOT NULL DEFAULT 0 CHECK (pieces >= 0),
    PRIMARY KEY (offer_no, kind, token)
);
CREATE INDEX ON coupon_holder (token);
-- What was asked and answered, once per (operation, request).
CREATE TABLE coupon_step (
    merchant_no integer NOT NULL,
    operation   text    NOT NULL,
    request     text    NOT NULL,
    fingerprint bytea   NOT NULL,
    coupon      text,
    before      text,
    after       text,
    at_us       bigint  NOT NULL,
    outcome     bytea   NOT NULL,
    PRIMARY KEY (merchant_no, operation, request)
);
CREATE INDEX coupon_step_coupon ON coupon_step (coupon) WHERE coupon IS NOT NULL;
-- Attempts per mark (person, device, account, address) and minute.
CREATE TABLE coupon_attempt (
    merchant_no integer NOT NULL,
    kind        text    NOT NULL,
    token       bytea   NOT NULL,
    minute      bigint  NOT NULL,
    attempts    integer NOT NULL,
    PRIMARY KEY (merchant_no, kind, token, minute)
);
CREATE INDEX ON coupon_attempt (minute);
