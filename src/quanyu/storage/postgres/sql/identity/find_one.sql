-- Node and person of one identifier.
SELECT node, coalesce(person_of.person, node)
FROM identifier LEFT JOIN person_of USING (node)
WHERE merchant_no = %(merchant_no)s AND kind = %(kind)s AND token = %(token)s
