-- What moved on the payable accounts of one owner, or of all, by day of China and reason.
SELECT (transfer.at_us + 28800000000) / 86400000000 AS day, account.id, transfer.code,
       coalesce(sum(transfer.amount) FILTER (WHERE transfer.credit_no = account.no), 0)::bigint,
       coalesce(sum(transfer.amount) FILTER (WHERE transfer.debit_no = account.no), 0)::bigint,
       count(*)
FROM ledger_account AS account
JOIN ledger_transfer AS transfer ON account.no IN (transfer.debit_no, transfer.credit_no)
WHERE (account.id LIKE 'party/%%/payable' OR account.id LIKE 'host/%%/payable')
  AND (%(owner)s::text IS NULL OR account.owner = %(owner)s)
  AND transfer.phase IN (0, 2)
  AND transfer.at_us >= %(from_us)s AND transfer.at_us < %(to_us)s
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
