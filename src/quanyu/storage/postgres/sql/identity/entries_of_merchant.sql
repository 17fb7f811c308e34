-- The whole ledger of one merchant, as rows for numpy.
COPY (
    SELECT a, b, array_position(%(rules)s::text[], rule) - 1, retracts::int, at_us, weight
    FROM edge_entry
    WHERE merchant_no = %(merchant_no)s AND rule = ANY (%(rules)s::text[])
) TO STDOUT (FORMAT binary)
