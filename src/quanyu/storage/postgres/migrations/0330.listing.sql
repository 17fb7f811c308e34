-- Items and stores of a merchant, as they were written; the digest says whether one has changed.
CREATE TABLE listing (
    merchant_no integer NOT NULL,
    kind        text    NOT NULL CHECK (kind IN ('item', 'store')),
    id          text    NOT NULL COLLATE "C",
    shop        text    NOT NULL,
    offered     boolean NOT NULL,
    industry    text,
    body        bytea   NOT NULL,
    digest      bytea   NOT NULL,
    changed_us  bigint  NOT NULL,
    PRIMARY KEY (merchant_no, kind, id)
);
CREATE INDEX listing_changed ON listing (merchant_no, kind, changed_us);
