-- Files that hold offsets after a place, first ones first.
SELECT file_id, merchant_no, day, path, first_offset, last_offset, events, bytes,
       min_at_us, max_at_us, min_node, max_node
FROM lake_file
WHERE retired_us IS NULL AND last_offset > %(after)s
ORDER BY first_offset, file_id
