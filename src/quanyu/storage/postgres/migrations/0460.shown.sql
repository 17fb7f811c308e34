-- Counts changes of what a merchant shows: who keeps an index looks here whether it is of today. A counter, for times and
-- numbers that are drawn before a commit may come to light after larger ones.
CREATE TABLE shown_revision (
    merchant_no integer PRIMARY KEY,
    changes     bigint  NOT NULL
);
CREATE FUNCTION count_shown_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    INSERT INTO shown_revision AS r SELECT DISTINCT merchant_no, 1 FROM changed
    ON CONFLICT (merchant_no) DO UPDATE SET changes = r.changes + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER listing_added AFTER INSERT ON listing REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_shown_change();
CREATE TRIGGER listing_changed AFTER UPDATE ON listing REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_shown_change();
CREATE TRIGGER withheld_told AFTER INSERT ON withheld_history REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_shown_change();
CREATE TRIGGER content_told AFTER INSERT ON content_change REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_shown_change();
