-- Tills that may take coupons without a network, and what each has told of it.
CREATE TABLE coupon_device (
    merchant_no integer NOT NULL,
    device      text    NOT NULL,
    store       text    NOT NULL,
    added_us    bigint  NOT NULL,
    revoked_us  bigint,
    PRIMARY KEY (merchant_no, device)
);
CREATE TABLE coupon_offline (
    merchant_no integer NOT NULL,
    device      text    NOT NULL,
    sequence    bigint  NOT NULL CHECK (sequence > 0),
    digest      text    NOT NULL,
    offer_no    integer NOT NULL REFERENCES offer,
    coupon      text    NOT NULL,
    at_us       bigint  NOT NULL,
    shift       integer NOT NULL,
    reason      text,
    funder_fen  bigint  NOT NULL CHECK (funder_fen >= 0),
    store_fen   bigint  NOT NULL CHECK (store_fen >= 0),
    PRIMARY KEY (merchant_no, device, sequence),
    FOREIGN KEY (merchant_no, device) REFERENCES coupon_device,
    CHECK (reason IS NOT NULL OR funder_fen + store_fen = 0)
);
CREATE INDEX coupon_offline_shift ON coupon_offline (merchant_no, device, offer_no, shift);
CREATE INDEX coupon_offline_offer ON coupon_offline (offer_no) WHERE reason IS NOT NULL;
