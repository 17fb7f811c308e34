-- The accounts of these ids.
SELECT no, id, unit, owner, limited FROM ledger_account WHERE id = ANY(%(ids)s::text[])
