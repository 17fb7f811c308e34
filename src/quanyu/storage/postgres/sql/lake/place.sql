-- Offset up to which the lake has the log; no row before the first flush.
SELECT "offset" FROM consumer_offset WHERE consumer = %(consumer)s
