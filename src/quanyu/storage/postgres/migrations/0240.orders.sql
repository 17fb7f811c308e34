-- Orders, what was returned of them, and every refund. The database holds: refunds ≤ paid, each unit once.
CREATE TABLE orders (
    merchant_no           integer NOT NULL,
    id                    text    NOT NULL,
    holder_kind           text    NOT NULL,
    holder                bytea   NOT NULL,
    touchpoint            text    NOT NULL,
    terms                 bytea   NOT NULL,
    state                 text    NOT NULL,
    payable_fen           bigint  NOT NULL CHECK (payable_fen >= 0),
    placed_us             bigint  NOT NULL,
    deadline_us           bigint  NOT NULL,
    method                text    NOT NULL DEFAULT '',
    shipped               boolean NOT NULL DEFAULT false,
    refunded_fen          bigint  NOT NULL DEFAULT 0,
    shipping_refunded_fen bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_no, id),
    CHECK (refunded_fen BETWEEN 0 AND payable_fen),
    CHECK (shipping_refunded_fen BETWEEN 0 AND refunded_fen)
);
CREATE INDEX orders_unpaid ON orders (deadline_us) WHERE state = 'placed';
CREATE INDEX orders_of_holder ON orders (merchant_no, holder);

CREATE TABLE order_returned (
    merchant_no integer NOT NULL,
    order_id    text    NOT NULL,
    line        text    NOT NULL,
    unit        integer NOT NULL CHECK (unit > 0),
    PRIMARY KEY (merchant_no, order_id, line, unit),
    FOREIGN KEY (merchant_no, order_id) REFERENCES orders (merchant_no, id)
);
