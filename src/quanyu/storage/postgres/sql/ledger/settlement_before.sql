-- What the payable accounts of one owner, or of all, were owed before an instant.
SELECT account.id,
       sum(CASE WHEN transfer.credit_no = account.no THEN transfer.amount ELSE -transfer.amount END)::bigint
FROM ledger_account AS account
JOIN ledger_transfer AS transfer ON account.no IN (transfer.debit_no, transfer.credit_no)
WHERE (account.id LIKE 'party/%%/payable' OR account.id LIKE 'host/%%/payable')
  AND (%(owner)s::text IS NULL OR account.owner = %(owner)s)
  AND transfer.phase IN (0, 2) AND transfer.at_us < %(from_us)s
GROUP BY 1
