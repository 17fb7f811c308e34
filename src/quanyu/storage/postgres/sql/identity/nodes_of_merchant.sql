-- All nodes of one merchant with the place of their kind, as rows for numpy.
COPY (
    SELECT node, array_position(%(kinds)s::text[], kind) - 1
    FROM identifier WHERE merchant_no = %(merchant_no)s
) TO STDOUT (FORMAT binary)
