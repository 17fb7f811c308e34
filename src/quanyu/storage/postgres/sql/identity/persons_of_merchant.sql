-- All nodes of one merchant that belong to another node's person, as columns for numpy.
SELECT array_send(array_agg(node)), array_send(array_agg(person))
FROM person_of JOIN identifier USING (node) WHERE merchant_no = %(merchant_no)s
