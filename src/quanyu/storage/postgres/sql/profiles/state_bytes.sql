-- States of some nodes, to read.
SELECT state FROM tag_state WHERE node = ANY (%(nodes)s) ORDER BY node
