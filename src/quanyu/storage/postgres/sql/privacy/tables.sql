-- Our tables with their size in bytes, indexes aside; keys of events hold nothing of a person.
SELECT relname, pg_table_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
  AND relname NOT LIKE '%yoyo%' AND relname NOT IN ('event_key', 'merchant', 'api_key')
ORDER BY relname
