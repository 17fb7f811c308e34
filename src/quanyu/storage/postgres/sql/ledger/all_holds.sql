-- Every hold, for the replay.
SELECT uuid_send(id), amount, expires_us, state FROM ledger_hold
