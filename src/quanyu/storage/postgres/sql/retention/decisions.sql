-- Decisions that nobody asks about any more.
DELETE FROM decision WHERE ctid = ANY (ARRAY(
    SELECT d.ctid FROM merchant m JOIN decision d USING (merchant_no) WHERE d.at_us < %(cutoff_us)s LIMIT %(limit)s
))
