-- Every account with its balance, for the replay.
SELECT a.no, a.id, a.unit, a.limited, b.limited, b.debits_pending, b.debits_posted,
       b.credits_pending, b.credits_posted
FROM ledger_account AS a LEFT JOIN ledger_balance AS b ON b.account_no = a.no
