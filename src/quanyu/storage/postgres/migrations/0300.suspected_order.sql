-- Orders that look like fake trades, and what a person has said of them. Only the latest word stands here; the scan keeps evidence.
CREATE TABLE suspected_order (
    merchant_no integer NOT NULL,
    order_id    text    NOT NULL,
    state       text    NOT NULL CHECK (state IN ('suspected', 'confirmed', 'cleared')),
    score_ppm   integer NOT NULL CHECK (score_ppm BETWEEN 0 AND 1000000),
    scan        text    NOT NULL,
    evidence    jsonb   NOT NULL,
    since_us    bigint  NOT NULL,
    PRIMARY KEY (merchant_no, order_id)
);
