-- Let go of write-ahead log that is no longer needed.
CHECKPOINT
