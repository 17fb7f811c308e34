-- How many leases there are.
SELECT count(*) FROM ad_lease
