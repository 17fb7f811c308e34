-- Identity: the registry of identifiers, the ledger of edges, and what they resolve to.

-- Allocation of node numbers; rows go at erasure only, because files of the lake refer to them.
CREATE TABLE identifier (
    node        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer NOT NULL,
    kind        text    NOT NULL,
    token       bytea   NOT NULL CHECK (length(token) = 16),
    UNIQUE (merchant_no, kind, token)
);

-- Goes up when identifiers are erased, so that processes forget the numbers they remember.
CREATE TABLE identity_epoch (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    epoch  bigint  NOT NULL DEFAULT 0
);
INSERT INTO identity_epoch DEFAULT VALUES;

CREATE TABLE edge_entry (
    entry       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer NOT NULL,
    a           bigint  NOT NULL,
    b           bigint  NOT NULL CHECK (a < b),
    rule        text    NOT NULL,
    retracts    boolean NOT NULL,
    at_us       bigint  NOT NULL,
    weight      double precision NOT NULL DEFAULT 0,
    actor       text    NOT NULL,
    evidence    jsonb   NOT NULL,
    recorded_us bigint  NOT NULL
);
CREATE INDEX edge_entry_a ON edge_entry (a, b);
CREATE INDEX edge_entry_b ON edge_entry (b);
CREATE INDEX edge_entry_merchant ON edge_entry (merchant_no);
CREATE INDEX edge_entry_retraction ON edge_entry (entry) WHERE retracts;

CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('quanyu.erasing', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the edge ledger is append-only';
END
$$;
CREATE TRIGGER edge_entry_append_only BEFORE UPDATE OR DELETE ON edge_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();

-- Edges that are not accepted: verdict as in customers/identity/ledger.py. Others have no row.
CREATE TABLE edge_state (
    merchant_no integer  NOT NULL,
    a           bigint   NOT NULL,
    b           bigint   NOT NULL,
    rule        text     NOT NULL,
    verdict     smallint NOT NULL CHECK (verdict BETWEEN 1 AND 6),
    PRIMARY KEY (a, b, rule)
);
CREATE INDEX edge_state_b ON edge_state (b);
CREATE INDEX edge_state_merchant ON edge_state (merchant_no, verdict);

-- Shared devices: identifiers linked to more strong ones than their kind allows.
CREATE TABLE shared_node (
    node        bigint PRIMARY KEY,
    merchant_no integer NOT NULL
);

-- Only nodes whose person is another node; every other node is a person by itself.
CREATE TABLE person_of (
    node   bigint PRIMARY KEY,
    person bigint NOT NULL CHECK (person < node)
);
CREATE INDEX person_of_person ON person_of (person);

-- Nodes whose person has changed, for those who keep something per person. Taken, then deleted.
CREATE TABLE person_change (
    serial      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer NOT NULL,
    nodes       bigint[] NOT NULL
);
-- Arrays of numbers hardly compress; the attempt costs more than it saves.
ALTER TABLE person_change ALTER COLUMN nodes SET STORAGE EXTERNAL;
