-- The place of one consumer, locked so that only one process moves it.
SELECT "offset" FROM consumer_offset WHERE consumer = %(consumer)s FOR UPDATE
