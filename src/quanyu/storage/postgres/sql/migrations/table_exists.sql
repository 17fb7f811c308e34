-- Whether a table is there.
SELECT to_regclass(%s) IS NOT NULL
