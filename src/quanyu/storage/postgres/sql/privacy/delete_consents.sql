-- Forget the consent ledger of some nodes.
DELETE FROM consent WHERE node = ANY (%(nodes)s)
