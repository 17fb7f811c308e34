-- What was paid per unit of an item: the one price history. No person stands here.
CREATE TABLE trade (
    merchant_no integer NOT NULL,
    order_id    text    NOT NULL,
    line        text    NOT NULL,
    unit_fen    bigint  NOT NULL CHECK (unit_fen >= 0),
    shop        text    NOT NULL,
    item        text    NOT NULL,
    paid_us     bigint  NOT NULL,
    quantity    integer NOT NULL CHECK (quantity > 0),
    refunded    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_no, order_id, line, unit_fen),
    CHECK (refunded BETWEEN 0 AND quantity)
);
CREATE INDEX trade_of_item ON trade (merchant_no, shop, item, paid_us);

-- Orders of other systems, as their events tell them: a refund may come before its payment.
CREATE TABLE outside_trade (
    merchant_no  integer NOT NULL,
    order_id     text    NOT NULL,
    item         text    NOT NULL,
    shop         text    NOT NULL DEFAULT '',
    paid_us      bigint,
    amount_fen   bigint,
    quantity     integer NOT NULL DEFAULT 1 CHECK (quantity > 0),
    refunded_fen bigint  NOT NULL DEFAULT 0 CHECK (refunded_fen >= 0),
    PRIMARY KEY (merchant_no, order_id, item)
);
CREATE INDEX outside_trade_of_item ON outside_trade (merchant_no, shop, item, paid_us);

-- Orders from before have no time of payment: that of placing is at most half an hour earlier.
INSERT INTO trade (merchant_no, order_id, line, unit_fen, shop, item, paid_us, quantity, refunded)
SELECT o.merchant_no, o.id, sold ->> 'line', (unit.told ->> 'cash')::bigint,
       sold ->> 'shop', sold ->> 'item', o.placed_us, count(*)::integer,
       count(r.unit)::integer
FROM orders o
CROSS JOIN jsonb_array_elements(convert_from(o.terms, 'UTF8')::jsonb #> '{quote,lines}') AS sold
CROSS JOIN jsonb_array_elements(sold -> 'units') WITH ORDINALITY AS unit (told, place)
LEFT JOIN order_returned r
  ON r.merchant_no = o.merchant_no AND r.order_id = o.id
 AND r.line = sold ->> 'line' AND r.unit = unit.place
WHERE o.state NOT IN ('placed', 'cancelled')
GROUP BY o.merchant_no, o.id, sold ->> 'line', unit.told ->> 'cash', sold ->> 'shop',
         sold ->> 'item', o.placed_us;
