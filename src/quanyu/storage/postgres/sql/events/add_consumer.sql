-- Makes a consumer known, at the start of the log.
INSERT INTO consumer_offset (consumer, "offset") VALUES (%(consumer)s, 0) ON CONFLICT DO NOTHING
