-- What leases have earned and released now.
UPDATE ad_lease_outcome o
SET settled_millifen = o.settled_millifen + k.settled, released_millifen = o.released_millifen + k.released
FROM unnest(%(leases)s::bigint[], %(settled)s::bigint[], %(released)s::bigint[]) AS k (lease, settled, released)
WHERE o.lease = k.lease
