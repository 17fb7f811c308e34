-- Wait for every batch that is being folded, and hold back the next ones.
SELECT consumer FROM consumer_offset ORDER BY consumer FOR UPDATE
