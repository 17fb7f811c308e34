-- What is kept of decisions: the ads that a person was shown, for frequency caps; what was answered and why; what came of it.
CREATE TABLE ad_contact (
    merchant_no integer NOT NULL,
    node        bigint  NOT NULL,
    at_us       bigint  NOT NULL,
    touchpoint  text    NOT NULL,
    campaign    text    NOT NULL,
    creative    text    NOT NULL,
    advertiser  text    NOT NULL,
    category    text    NOT NULL
);
CREATE INDEX ad_contact_node ON ad_contact (node, at_us);
CREATE INDEX ad_contact_age ON ad_contact USING brin (at_us);

-- nodes: of the person, where the answer was personalised; nobody's otherwise.
CREATE TABLE decision (
    merchant_no integer  NOT NULL,
    trace       bytea    NOT NULL CHECK (length(trace) = 16),
    at_us       bigint   NOT NULL,
    touchpoint  text     NOT NULL,
    nodes       bigint[] NOT NULL,
    told        bytea    NOT NULL,
    PRIMARY KEY (merchant_no, trace)
);
CREATE INDEX decision_time ON decision (merchant_no, at_us, trace);
CREATE INDEX decision_nodes ON decision USING gin (nodes) WHERE nodes <> '{}';

-- No person stands here. inherited: a payment that named no decision, given to the click before it.
-- "offset": of the first event in the log that told it.
CREATE TABLE decision_outcome (
    merchant_no integer NOT NULL,
    trace       bytea   NOT NULL CHECK (length(trace) = 16),
    position    integer NOT NULL CHECK (position >= 0),
    kind        text    NOT NULL,
    inherited   boolean NOT NULL,
    item        text,
    at_us       bigint  NOT NULL,
    amount_fen  bigint  NOT NULL CHECK (amount_fen >= 0),
    "offset"    bigint  NOT NULL,
    PRIMARY KEY (merchant_no, trace, position, kind, inherited)
);
CREATE INDEX decision_outcome_age ON decision_outcome USING brin (at_us);

-- The newest deeds of the node, packed: what answers are made from.
ALTER TABLE tag_state ADD COLUMN deeds bytea NOT NULL DEFAULT '\x90';
