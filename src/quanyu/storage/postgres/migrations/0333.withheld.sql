-- What the gate has taken off show until a person resumes it, and the history of that; a line is never changed.
CREATE TABLE withheld (
    merchant_no integer NOT NULL,
    kind        text    NOT NULL CHECK (kind IN ('item', 'promotion', 'flash_sale', 'points_programme', 'points_item')),
    id          text    NOT NULL COLLATE "C",
    since_us    bigint  NOT NULL,
    PRIMARY KEY (merchant_no, kind, id)
);
CREATE TABLE withheld_history (
    line_no     bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer NOT NULL,
    kind        text    NOT NULL,
    id          text    NOT NULL COLLATE "C",
    what        text    NOT NULL CHECK (what IN ('withheld', 'resumed')),
    actor       text    NOT NULL,
    at_us       bigint  NOT NULL,
    rule        text    NOT NULL,
    article     text    NOT NULL,
    why         text    NOT NULL
);
CREATE INDEX withheld_history_of ON withheld_history (merchant_no, kind, id, line_no);
CREATE FUNCTION withheld_history_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a line of history is never changed'; END $$;
CREATE TRIGGER withheld_history_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON withheld_history
    FOR EACH STATEMENT EXECUTE FUNCTION withheld_history_stays();
CREATE FUNCTION is_withheld(the_merchant text, the_kind text, the_id text) RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT EXISTS (SELECT FROM withheld w JOIN merchant m USING (merchant_no)
                  WHERE m.name = the_merchant AND w.kind = the_kind AND w.id = the_id) $$;
