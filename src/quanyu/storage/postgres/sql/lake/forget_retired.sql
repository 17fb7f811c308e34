-- Forgets files that were taken out up to a time, and tells their paths.
DELETE FROM lake_file WHERE retired_us <= %(until_us)s RETURNING path
