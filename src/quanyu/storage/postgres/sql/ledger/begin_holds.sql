-- Keeps new holds; one that was ended in the same write comes with its last state.
INSERT INTO ledger_hold (id, amount, expires_us, state)
SELECT * FROM unnest(%(ids)s, %(amounts)s, %(expires)s::bigint[], %(states)s::smallint[])
