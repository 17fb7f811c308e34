-- Node and person of the nodes that were merged into a person of another number.
COPY (
    SELECT p.node, p.person FROM person_of p JOIN identifier i USING (node)
    WHERE %(merchant_no)s::integer IS NULL OR i.merchant_no = %(merchant_no)s
) TO STDOUT (FORMAT binary)
