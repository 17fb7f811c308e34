-- Requests that changed something, and what they were answered.
CREATE TABLE request (
    merchant_no integer NOT NULL,
    operation   text    NOT NULL,
    key         text    NOT NULL,
    fingerprint bytea   NOT NULL,
    answer      bytea,
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (merchant_no, operation, key)
);
