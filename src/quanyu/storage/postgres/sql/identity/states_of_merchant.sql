-- All verdicts that are kept for one merchant, as columns for numpy.
SELECT array_send(array_agg(a)), array_send(array_agg(b)),
       array_send(array_agg(array_position(%(rules)s::text[], rule) - 1)),
       array_send(array_agg(verdict::int))
FROM edge_state WHERE merchant_no = %(merchant_no)s AND rule = ANY (%(rules)s::text[])
