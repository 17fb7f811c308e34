-- Ends holds that are still pending; the number of rows must be the number sent.
UPDATE ledger_hold AS hold SET state = ended.state
FROM unnest(%(ids)s, %(states)s::smallint[]) AS ended (id, state)
WHERE hold.id = ended.id AND hold.state = 0
