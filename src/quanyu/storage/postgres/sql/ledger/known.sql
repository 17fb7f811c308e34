-- Transfers that stand in the book under these ids, with the state of those that are holds.
SELECT uuid_send(t.id), t.phase, debit.id, credit.id, t.amount, uuid_send(t.pending_id),
       t.timeout_us, t.code, t.reference, t.at_us, hold.state, hold.expires_us
FROM ledger_transfer AS t
JOIN ledger_account AS debit ON debit.no = t.debit_no
JOIN ledger_account AS credit ON credit.no = t.credit_no
LEFT JOIN ledger_hold AS hold ON hold.id = t.id
WHERE t.id = ANY(%(ids)s)
