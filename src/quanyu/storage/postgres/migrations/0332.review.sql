-- What the gate said of what was to be shown, and when; a line is never changed.
CREATE TABLE review (
    review_no   bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer NOT NULL,
    kind        text    NOT NULL,
    id          text    NOT NULL,
    day         date    NOT NULL,
    at_us       bigint  NOT NULL,
    industry    text    NOT NULL,
    verdict     text    NOT NULL,
    shown       bytea   NOT NULL,
    hits        bytea   NOT NULL,
    digest      bytea   NOT NULL
);
CREATE INDEX review_of ON review (merchant_no, kind, id, review_no);
CREATE FUNCTION review_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a review is never changed'; END $$;
CREATE TRIGGER review_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON review
    FOR EACH STATEMENT EXECUTE FUNCTION review_stays();
