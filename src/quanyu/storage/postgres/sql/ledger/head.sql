-- The head, without a lock.
SELECT no, hash, at_us FROM ledger_head
