-- Files of the lake, of one merchant or (null) of all, by day and offset.
SELECT file_id, merchant_no, day, path, first_offset, last_offset, events, bytes,
       min_at_us, max_at_us, min_node, max_node
FROM lake_file
WHERE retired_us IS NULL
  AND (%(merchant_no)s::integer IS NULL OR merchant_no = %(merchant_no)s)
ORDER BY merchant_no, day, first_offset, file_id
