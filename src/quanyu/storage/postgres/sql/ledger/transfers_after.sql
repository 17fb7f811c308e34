-- A page of the book as it stands, for the replay.
SELECT no, uuid_send(id), phase, debit_no, credit_no, amount, uuid_send(pending_id), timeout_us,
       code, reference, at_us, hash
FROM ledger_transfer WHERE no > %(after)s ORDER BY no LIMIT %(limit)s
