-- The ledger: accounts, what has gone through them, the transfers that say so, holds, and the head.
CREATE TABLE ledger_account (
    no      bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id      text     COLLATE "C" NOT NULL UNIQUE,
    unit    text     NOT NULL,
    owner   text     NOT NULL,
    limited smallint NOT NULL CHECK (limited IN (0, 1, 2))
);
CREATE INDEX ledger_account_owner ON ledger_account (owner, id);

-- A projection of the transfers. Rows are rewritten all the time: room on the page keeps that HOT.
-- The checks are the second lock behind the rules in quanyu.ledger.posting.
CREATE TABLE ledger_balance (
    account_no      bigint   PRIMARY KEY REFERENCES ledger_account,
    limited         smallint NOT NULL,
    debits_pending  bigint   NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
    debits_posted   bigint   NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
    credits_pending bigint   NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
    credits_posted  bigint   NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
    frozen          boolean  NOT NULL DEFAULT false,
    CHECK (limited <> 1 OR debits_posted + debits_pending <= credits_posted),
    CHECK (limited <> 2 OR credits_posted + credits_pending <= debits_posted)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE ledger_transfer (
    no         bigint   PRIMARY KEY,
    id         uuid     NOT NULL UNIQUE,
    phase      smallint NOT NULL CHECK (phase BETWEEN 0 AND 4),
    debit_no   bigint   NOT NULL,
    credit_no  bigint   NOT NULL CHECK (credit_no <> debit_no),
    amount     bigint   NOT NULL CHECK (amount > 0),
    pending_id uuid,
    timeout_us bigint,
    code       text     NOT NULL,
    reference  text     NOT NULL,
    at_us      bigint   NOT NULL,
    hash       bytea    NOT NULL,
    CHECK ((pending_id IS NOT NULL) = (phase >= 2))
);
CREATE INDEX ledger_transfer_debit ON ledger_transfer (debit_no, no);
CREATE INDEX ledger_transfer_credit ON ledger_transfer (credit_no, no);

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: a correction is a new transfer';
END $$;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

-- state: 0 pending, 1 settled, 2 released, 3 expired. Only a pending hold ever changes.
CREATE TABLE ledger_hold (
    id         uuid     PRIMARY KEY,
    amount     bigint   NOT NULL CHECK (amount > 0),
    expires_us bigint,
    state      smallint NOT NULL CHECK (state BETWEEN 0 AND 3)
) WITH (fillfactor = 80);
CREATE INDEX ledger_hold_due ON ledger_hold (expires_us) WHERE state = 0 AND expires_us IS NOT NULL;

CREATE TABLE ledger_head (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    no     bigint  NOT NULL CHECK (no >= 0),
    hash   bytea   NOT NULL,
    at_us  bigint  NOT NULL
) WITH (fillfactor = 10);
INSERT INTO ledger_head (no, hash, at_us) VALUES (0, decode(repeat('00', 32), 'hex'), 0);
