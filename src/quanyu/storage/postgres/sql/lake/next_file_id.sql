-- A number for a new file; it is part of the name, so names never repeat.
SELECT nextval(pg_get_serial_sequence('lake_file', 'file_id'))
