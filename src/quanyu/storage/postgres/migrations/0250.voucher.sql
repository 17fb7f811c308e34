-- Purchased vouchers: what is sold, what is in people's hands, and every scan.
CREATE TABLE voucher_product (
    merchant_no integer NOT NULL,
    item        text    NOT NULL,
    terms       jsonb   NOT NULL,
    PRIMARY KEY (merchant_no, item)
);

CREATE TABLE voucher (
    merchant_no integer NOT NULL,
    id          text    NOT NULL,
    code_token  bytea   NOT NULL,
    terms       jsonb   NOT NULL,
    face_fen    bigint  NOT NULL CHECK (face_fen > 0),
    holder_kind text    NOT NULL,
    holder      bytea   NOT NULL,
    order_id    text    NOT NULL,
    paid_fen    bigint  NOT NULL CHECK (paid_fen >= 0),
    method      text    NOT NULL,
    expires_us  bigint  NOT NULL,
    used_fen    bigint  NOT NULL DEFAULT 0 CHECK (used_fen BETWEEN 0 AND face_fen),
    earned_fen  bigint  NOT NULL DEFAULT 0 CHECK (earned_fen BETWEEN 0 AND paid_fen),
    refunded    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (merchant_no, id),
    UNIQUE (merchant_no, code_token)
);
CREATE INDEX voucher_of_holder ON voucher (merchant_no, holder);

CREATE TABLE voucher_use (
    merchant_no integer NOT NULL,
    id          text    NOT NULL,
    voucher     text    NOT NULL,
    store       text    NOT NULL,
    amount_fen  bigint  NOT NULL CHECK (amount_fen > 0),
    earned_fen  bigint  NOT NULL CHECK (earned_fen >= 0),
    at_us       bigint  NOT NULL,
    undone      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (merchant_no, id),
    FOREIGN KEY (merchant_no, voucher) REFERENCES voucher (merchant_no, id)
);
