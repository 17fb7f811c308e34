-- Makes the accounts that are not there yet, with empty balances. Ids come sorted.
WITH made AS (
    INSERT INTO ledger_account (id, unit, owner, limited)
    SELECT id, unit, owner, limited
    FROM unnest(%(ids)s::text[], %(units)s::text[], %(owners)s::text[], %(limits)s::smallint[])
         AS sent (id, unit, owner, limited)
    ON CONFLICT (id) DO NOTHING
    RETURNING no, limited
)
INSERT INTO ledger_balance (account_no, limited) SELECT no, limited FROM made
