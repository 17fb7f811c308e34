-- Flash sales and the pieces that people have reserved; the stock itself stands in the ledger.
CREATE TABLE flash_sale (
    id       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant text    NOT NULL,
    name     text    NOT NULL,
    terms    bytea   NOT NULL,
    closed   boolean NOT NULL DEFAULT false,
    UNIQUE (merchant, name)
);

CREATE TABLE flash_hold (
    id           bytea   PRIMARY KEY,
    sale_id      integer NOT NULL REFERENCES flash_sale,
    request      text    NOT NULL,
    holder_kind  text    NOT NULL,
    holder_token bytea   NOT NULL,
    state        text    NOT NULL CHECK (state IN ('held', 'sold', 'released', 'expired')),
    expires_us   bigint  NOT NULL,
    order_key    text    NOT NULL DEFAULT '',
    UNIQUE (sale_id, request)
);
CREATE INDEX flash_hold_holder ON flash_hold (sale_id, holder_token, holder_kind);
CREATE INDEX flash_hold_ending ON flash_hold (expires_us) WHERE state = 'held';
