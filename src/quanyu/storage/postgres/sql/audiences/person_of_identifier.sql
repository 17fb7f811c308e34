-- Person to whom an identifier belongs.
SELECT coalesce(p.person, i.node) FROM identifier i LEFT JOIN person_of p USING (node)
WHERE i.merchant_no = %(merchant_no)s AND i.kind = %(kind)s AND i.token = %(token)s
