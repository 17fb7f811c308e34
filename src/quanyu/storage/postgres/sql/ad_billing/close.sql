-- These leases are closed.
UPDATE ad_lease SET closed_us = %(now_us)s WHERE number = ANY (%(leases)s::bigint[]) AND closed_us IS NULL
