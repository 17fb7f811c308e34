-- All nodes of one merchant with the place of their kind, as columns for numpy.
SELECT array_send(array_agg(node)),
       array_send(array_agg(array_position(%(kinds)s::text[], kind) - 1))
FROM identifier WHERE merchant_no = %(merchant_no)s
