-- How far identity and profiles have both come.
SELECT coalesce(min("offset"), 0) FROM consumer_offset WHERE consumer IN ('identity', 'profiles')
