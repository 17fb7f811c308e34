-- Lines of the ledger between some nodes, as columns for numpy; lines of a rule that is gone are left out.
SELECT array_send(array_agg(a)), array_send(array_agg(b)),
       array_send(array_agg(array_position(%(rules)s::text[], rule) - 1)),
       array_send(array_agg(retracts::int)), array_send(array_agg(at_us)),
       array_send(array_agg(weight))
FROM edge_entry
WHERE a = ANY (%(nodes)s::bigint[]) AND b = ANY (%(nodes)s::bigint[])
  AND rule = ANY (%(rules)s::text[])
