-- Batches of printed codes, and how far each has been made.
CREATE TABLE code_batch (
    merchant_no integer NOT NULL,
    batch       text    NOT NULL,
    offer_no    integer NOT NULL REFERENCES offer,
    pieces      integer NOT NULL CHECK (pieces > 0),
    made        integer NOT NULL DEFAULT 0 CHECK (made BETWEEN 0 AND pieces),
    PRIMARY KEY (merchant_no, batch)
);
