-- What a merchant has on record for the gate; a line is never changed, the last one of an id counts.
CREATE TABLE paper (
    paper_no    bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer NOT NULL,
    kind        text    NOT NULL CHECK (kind IN ('industry', 'licence', 'evidence', 'override', 'task')),
    id          text    NOT NULL,
    body        bytea   NOT NULL,
    actor       text    NOT NULL,
    at_us       bigint  NOT NULL,
    withdrawn   text    NOT NULL DEFAULT ''
);
CREATE INDEX paper_of ON paper (merchant_no, kind, id, paper_no);
CREATE FUNCTION paper_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a paper is never changed'; END $$;
CREATE TRIGGER paper_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON paper
    FOR EACH STATEMENT EXECUTE FUNCTION paper_stays();
