-- Makes a file part of the lake.
INSERT INTO lake_file (file_id, merchant_no, day, path, first_offset, last_offset, events, bytes,
                       min_at_us, max_at_us, min_node, max_node)
VALUES (%(file_id)s, %(merchant_no)s, %(day)s, %(path)s, %(first_offset)s, %(last_offset)s,
        %(events)s, %(bytes)s, %(min_at_us)s, %(max_at_us)s, %(min_node)s, %(max_node)s)
