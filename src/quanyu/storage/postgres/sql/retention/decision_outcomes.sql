-- What came of decisions that are long gone.
DELETE FROM decision_outcome WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM decision_outcome WHERE at_us < %(cutoff_us)s LIMIT %(limit)s
))
