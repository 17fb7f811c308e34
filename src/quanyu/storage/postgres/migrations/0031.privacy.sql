-- The consent ledger: lines are added and, at an erasure, removed; never changed.
CREATE TABLE consent (
    number         bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no    integer NOT NULL,
    node           bigint  NOT NULL,
    purpose        text    NOT NULL,
    action         text    NOT NULL CHECK (action IN ('grant', 'withdraw')),
    notice_version integer NOT NULL CHECK (notice_version >= 0),
    basis          text    NOT NULL CHECK (basis IN ('contract', 'notice', 'consent')),
    at_us          bigint  NOT NULL,
    actor          text    NOT NULL CHECK (actor <> '')
);
CREATE INDEX consent_node ON consent (node);
CREATE INDEX consent_personalisation ON consent (node) WHERE purpose = 'personalisation';

CREATE FUNCTION consent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('quanyu.erasing', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the consent ledger is append-only';
END $$;
CREATE TRIGGER consent_append_only BEFORE UPDATE OR DELETE ON consent
    FOR EACH ROW EXECUTE FUNCTION consent_is_append_only();

-- Erasures, kept as proof. nodes and tokens are emptied when the erasure is done; from then on only
-- the keyed digests, salted with the receipt's number, can answer whether somebody was erased.
CREATE TABLE erasure (
    receipt      text     PRIMARY KEY,
    merchant_no  integer  NOT NULL,
    nodes        bigint[] NOT NULL,
    tokens       bytea[]  NOT NULL,
    proofs       bytea[]  NOT NULL,
    consents     bytea    NOT NULL,
    steps        text[]   NOT NULL DEFAULT '{}',
    erased       jsonb    NOT NULL DEFAULT '{}',
    requested_us bigint   NOT NULL,
    finished_us  bigint
);
CREATE INDEX erasure_open ON erasure (requested_us) WHERE finished_us IS NULL;
