-- Some listings after an id.
SELECT body FROM listing
WHERE merchant_no = %(merchant_no)s AND kind = %(kind)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
