-- What the book holds of each order's fee: for which financier, from whom.
SELECT fees.id, bearer.id, transfer.reference,
       sum(CASE WHEN transfer.credit_no = fees.no THEN transfer.amount ELSE -transfer.amount END)::bigint
FROM ledger_account AS fees
JOIN ledger_transfer AS transfer ON fees.no IN (transfer.debit_no, transfer.credit_no)
JOIN ledger_account AS bearer ON bearer.no = transfer.debit_no + transfer.credit_no - fees.no
WHERE fees.id LIKE 'financier/%%/fees' AND transfer.phase IN (0, 2)
GROUP BY 1, 2, 3
