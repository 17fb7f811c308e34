-- What the ledger says of the hosts of each closed show. Those closed before are settled by the next chore.
CREATE TABLE show_settlement (
    merchant_no integer NOT NULL,
    show        text    COLLATE "C" NOT NULL,
    due         bytea   NOT NULL DEFAULT '[]',
    steps       integer NOT NULL DEFAULT 0 CHECK (steps >= 0),
    at_us       bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_no, show),
    FOREIGN KEY (merchant_no, show) REFERENCES show (merchant_no, id)
);
INSERT INTO show_settlement (merchant_no, show) SELECT merchant_no, id FROM show WHERE state = 'archived';
