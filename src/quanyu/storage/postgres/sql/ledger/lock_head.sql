-- Locks the head until commit: places in the book follow commit order.
SELECT no, hash, at_us FROM ledger_head FOR NO KEY UPDATE
