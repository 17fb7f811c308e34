-- Some listings after an id, and whether the gate withholds them.
SELECT body, since_us IS NOT NULL FROM listing LEFT JOIN withheld USING (merchant_no, kind, id)
WHERE merchant_no = %(merchant_no)s AND kind = %(kind)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
