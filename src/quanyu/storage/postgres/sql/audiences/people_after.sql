-- A page of the people of a merchant.
SELECT i.node FROM identifier i
WHERE i.merchant_no = %(merchant_no)s AND i.node > %(after)s
  AND NOT EXISTS (SELECT FROM person_of p WHERE p.node = i.node)
ORDER BY i.node LIMIT %(limit)s
