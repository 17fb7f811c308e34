-- Promotions that apply by themselves, as they were written.
CREATE TABLE promotion (
    merchant_no integer NOT NULL,
    id          text    NOT NULL,
    terms       bytea   NOT NULL,
    PRIMARY KEY (merchant_no, id)
);
