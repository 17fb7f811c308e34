-- All verdicts that are kept for one merchant, as rows for numpy.
COPY (
    SELECT a, b, array_position(%(rules)s::text[], rule) - 1, verdict::int
    FROM edge_state WHERE merchant_no = %(merchant_no)s
) TO STDOUT (FORMAT binary)
