-- How many wins are settled.
SELECT count(*) FROM ad_win WHERE state = 'settled'
