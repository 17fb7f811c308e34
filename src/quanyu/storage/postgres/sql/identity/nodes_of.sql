-- All nodes of one person with what stands behind them.
SELECT node, kind, token FROM identifier
WHERE node = %(person)s OR node IN (SELECT node FROM person_of WHERE person = %(person)s)
ORDER BY node
