-- Every column that we store; the bookkeeping of migrations aside.
SELECT table_name::text, column_name::text FROM information_schema.columns
WHERE table_schema = current_schema() AND table_name NOT LIKE '%%yoyo%%' ORDER BY 1, ordinal_position
