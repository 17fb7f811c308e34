-- Freezes or thaws one account.
UPDATE ledger_balance SET frozen = %(frozen)s
WHERE account_no = (SELECT no FROM ledger_account WHERE id = %(account)s)
