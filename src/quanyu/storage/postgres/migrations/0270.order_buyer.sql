-- Who bought, under every identifier that an order named, and in which shops: a first order is one.
ALTER TABLE orders ADD COLUMN shops text[] NOT NULL DEFAULT '{}';
UPDATE orders SET shops = ARRAY(
    SELECT DISTINCT line ->> 'shop'
    FROM json_array_elements(convert_from(terms, 'UTF8')::json #> '{cart,lines}') AS line
    ORDER BY 1
);

CREATE TABLE order_identifier (
    merchant_no integer  NOT NULL,
    order_id    text     NOT NULL,
    place       smallint NOT NULL CHECK (place > 0),
    kind        text     NOT NULL,
    token       bytea    NOT NULL,
    shared      bytea,
    PRIMARY KEY (merchant_no, order_id, place),
    FOREIGN KEY (merchant_no, order_id) REFERENCES orders (merchant_no, id) ON DELETE CASCADE
);
CREATE INDEX order_identifier_token ON order_identifier (merchant_no, token);
COMMENT ON COLUMN order_identifier.place IS '1 is the strongest: the holder of the order';
COMMENT ON COLUMN order_identifier.shared IS 'the token of the same identifier in the ecosystem';
INSERT INTO order_identifier (merchant_no, order_id, place, kind, token)
SELECT merchant_no, id, 1, holder_kind, holder FROM orders WHERE holder_kind <> 'erased';
