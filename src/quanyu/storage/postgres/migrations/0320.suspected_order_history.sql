-- What became of a suspected order, and who said so; scans that have been kept.
CREATE TABLE suspected_order_history (
    id          bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer NOT NULL,
    order_id    text    NOT NULL,
    at_us       bigint  NOT NULL,
    became      text    NOT NULL CHECK (became IN ('suspected', 'confirmed', 'cleared', 'withdrawn')),
    actor       text    NOT NULL,
    note        text    NOT NULL,
    score_ppm   integer NOT NULL CHECK (score_ppm BETWEEN 0 AND 1000000),
    scan        text    NOT NULL
);
CREATE INDEX suspected_order_history_order ON suspected_order_history (merchant_no, order_id);
CREATE TABLE fraud_scan (
    merchant_no integer NOT NULL,
    scan        text    NOT NULL,
    at_us       bigint  NOT NULL,
    summary     jsonb   NOT NULL,
    PRIMARY KEY (merchant_no, scan)
);
