-- How far identity and profiles have both come.
SELECT CASE count(*) WHEN 2 THEN min("offset") ELSE 0 END
FROM consumer_offset WHERE consumer IN ('identity', 'profiles')
