-- The whole ledger of one merchant, as columns for numpy.
SELECT array_send(array_agg(a)), array_send(array_agg(b)),
       array_send(array_agg(array_position(%(rules)s::text[], rule) - 1)),
       array_send(array_agg(retracts::int)), array_send(array_agg(at_us)),
       array_send(array_agg(weight))
FROM edge_entry WHERE merchant_no = %(merchant_no)s AND rule = ANY (%(rules)s::text[])
