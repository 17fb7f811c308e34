-- Locks balances in the one order that all writers keep.
SELECT account_no, debits_pending, debits_posted, credits_pending, credits_posted, frozen
FROM ledger_balance WHERE account_no = ANY(%(accounts)s)
ORDER BY account_no FOR NO KEY UPDATE
