-- New items: from when they can be bought, as it was written.
CREATE TABLE release (
    merchant_no integer NOT NULL,
    id          text    NOT NULL,
    item        text,
    category    text,
    terms       bytea   NOT NULL,
    PRIMARY KEY (merchant_no, id),
    CHECK ((item IS NULL) <> (category IS NULL))
);
CREATE INDEX release_item ON release (merchant_no, item);
CREATE INDEX release_category ON release (merchant_no, category);
