-- All consumers and their places.
SELECT consumer, "offset" FROM consumer_offset ORDER BY consumer
