-- Balances of accounts, without a lock.
SELECT account_no, debits_pending, debits_posted, credits_pending, credits_posted, frozen
FROM ledger_balance WHERE account_no = ANY(%(accounts)s::bigint[])
