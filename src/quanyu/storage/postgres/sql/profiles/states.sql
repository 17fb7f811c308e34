-- States of some nodes, locked in node order until the transaction ends.
SELECT node, state, suppressed FROM tag_state WHERE node = ANY (%(nodes)s) ORDER BY node FOR UPDATE
