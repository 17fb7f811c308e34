-- All events of some nodes, for folding anew.
SELECT node, event FROM history WHERE node = ANY (%(nodes)s)
