-- The consent ledger of some nodes, oldest first.
SELECT purpose, action, notice_version, at_us, actor, number, recipient
FROM consent WHERE node = ANY (%(nodes)s) ORDER BY number
