-- States of some nodes, locked in node order until the transaction ends.
SELECT node, state, deeds, coalesce(w.suppressed, false) AS suppressed
FROM tag_state t LEFT JOIN tag_withheld w USING (node)
WHERE node = ANY (%(nodes)b::bigint[]) ORDER BY node FOR UPDATE OF t
