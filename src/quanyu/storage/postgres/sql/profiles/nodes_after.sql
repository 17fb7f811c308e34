-- A page of nodes that have a state.
SELECT node, coalesce(w.suppressed, false) AS suppressed
FROM tag_state t LEFT JOIN tag_withheld w USING (node)
WHERE node > %(after)s ORDER BY node LIMIT %(limit)s FOR UPDATE OF t
