-- Empty, for a rebuild from the log.
DELETE FROM outside_trade
