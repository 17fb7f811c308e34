-- A page of nodes that have a state.
SELECT node, suppressed FROM tag_state WHERE node > %(after)s ORDER BY node LIMIT %(limit)s FOR UPDATE
