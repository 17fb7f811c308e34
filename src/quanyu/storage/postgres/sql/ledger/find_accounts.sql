-- Accounts of an owner, or whose id begins so, in the order of their ids.
SELECT no, id, unit, owner, limited FROM ledger_account
WHERE (%(owner)s::text IS NULL OR owner = %(owner)s)
  AND id >= %(prefix)s AND id <= %(prefix)s || chr(1114111) AND starts_with(id, %(prefix)s)
ORDER BY id LIMIT %(limit)s
