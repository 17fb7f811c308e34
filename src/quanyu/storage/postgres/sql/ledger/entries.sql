-- A page of the entries of one account, oldest first.
SELECT t.no, uuid_send(t.id), t.phase, debit.id, credit.id, t.amount, uuid_send(t.pending_id),
       t.timeout_us, t.code, t.reference, t.at_us
FROM (
    (SELECT * FROM ledger_transfer WHERE debit_no = %(account)s AND no > %(after)s
     ORDER BY no LIMIT %(limit)s)
    UNION ALL
    (SELECT * FROM ledger_transfer WHERE credit_no = %(account)s AND no > %(after)s
     ORDER BY no LIMIT %(limit)s)
) AS t
JOIN ledger_account AS debit ON debit.no = t.debit_no
JOIN ledger_account AS credit ON credit.no = t.credit_no
ORDER BY t.no LIMIT %(limit)s
