-- Impact assessments (PIPL 55, 56), and the processing that was switched on with one. A line of a switch is added, never changed.
CREATE TABLE impact_assessment (
    id             text   PRIMARY KEY,
    subject        text   NOT NULL CHECK (subject <> ''),
    features       text[] NOT NULL CHECK (cardinality(features) > 0),
    risks          text   NOT NULL CHECK (risks <> ''),
    measures       text   NOT NULL CHECK (measures <> ''),
    approver       text   NOT NULL CHECK (approver <> ''),
    valid_until_us bigint NOT NULL,
    filed_us       bigint NOT NULL CHECK (filed_us < valid_until_us),
    filed_by       text   NOT NULL CHECK (filed_by <> '')
);

CREATE TABLE processing_switch (
    feature    text    NOT NULL,
    at_us      bigint  NOT NULL,
    "on"       boolean NOT NULL,
    assessment text    REFERENCES impact_assessment,
    actor      text    NOT NULL CHECK (actor <> ''),
    PRIMARY KEY (feature, at_us),
    CHECK ("on" = (assessment IS NOT NULL))
);
