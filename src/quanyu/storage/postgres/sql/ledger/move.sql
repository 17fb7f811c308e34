-- Writes the new balances and the head; says how many rows each of the two has changed.
WITH balance AS (
    UPDATE ledger_balance AS b
    SET debits_pending = new.debits_pending, debits_posted = new.debits_posted,
        credits_pending = new.credits_pending, credits_posted = new.credits_posted
    FROM unnest(%(accounts)s, %(debits_pending)s, %(debits_posted)s,
                %(credits_pending)s, %(credits_posted)s)
         AS new (account_no, debits_pending, debits_posted, credits_pending, credits_posted)
    WHERE b.account_no = new.account_no
    RETURNING 1
), head AS (
    UPDATE ledger_head SET no = no + %(entered)s, hash = %(hash)b, at_us = %(at_us)s
    WHERE no = %(before)s
    RETURNING 1
)
SELECT (SELECT count(*) FROM balance), (SELECT count(*) FROM head)
