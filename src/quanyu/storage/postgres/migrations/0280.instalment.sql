-- What orders pay in instalments. The database holds: nothing left is more than was agreed, each term once.
CREATE TABLE instalment_plan (
    merchant_no integer NOT NULL,
    order_id    text    NOT NULL,
    method      text    NOT NULL,
    bearer      text    NOT NULL CHECK (bearer IN ('buyer', 'merchant', 'platform')),
    rate_bps    integer NOT NULL CHECK (rate_bps BETWEEN 0 AND 10000),
    state       text    NOT NULL CHECK (state IN ('active', 'done', 'settled', 'cancelled')),
    shares      jsonb   NOT NULL CHECK (bearer <> 'buyer' OR shares = '{}'),
    PRIMARY KEY (merchant_no, order_id),
    FOREIGN KEY (merchant_no, order_id) REFERENCES orders (merchant_no, id)
);

CREATE TABLE instalment_term (
    merchant_no          integer NOT NULL,
    order_id             text    NOT NULL,
    number               integer NOT NULL CHECK (number > 0),
    due_on               date    NOT NULL,
    agreed_principal_fen bigint  NOT NULL CHECK (agreed_principal_fen > 0),
    agreed_fee_fen       bigint  NOT NULL CHECK (agreed_fee_fen >= 0),
    principal_fen        bigint  NOT NULL CHECK (principal_fen BETWEEN 0 AND agreed_principal_fen),
    fee_fen              bigint  NOT NULL CHECK (fee_fen BETWEEN 0 AND agreed_fee_fen),
    paid_us              bigint,
    PRIMARY KEY (merchant_no, order_id, number),
    FOREIGN KEY (merchant_no, order_id) REFERENCES instalment_plan (merchant_no, order_id)
);
