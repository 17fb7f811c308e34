-- Takes files out of the lake; their bytes go later.
UPDATE lake_file SET retired_us = %(now_us)s
WHERE file_id = ANY(%(file_ids)s) AND retired_us IS NULL
