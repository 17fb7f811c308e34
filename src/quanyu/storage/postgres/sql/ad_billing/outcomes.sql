-- What some leases have earned, locked in one order.
SELECT lease, settled_millifen FROM ad_lease_outcome WHERE lease = ANY (%(leases)s::bigint[])
ORDER BY lease FOR NO KEY UPDATE
