-- Receipts of erasures that nobody can ask about any more.
DELETE FROM erasure WHERE receipt IN (
    SELECT receipt FROM erasure WHERE finished_us < %(cutoff_us)s LIMIT %(limit)s
)
