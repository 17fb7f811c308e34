-- All nodes of one merchant that belong to another node's person, as rows for numpy.
COPY (
    SELECT node, person FROM person_of JOIN identifier USING (node)
    WHERE merchant_no = %(merchant_no)s
) TO STDOUT (FORMAT binary)
