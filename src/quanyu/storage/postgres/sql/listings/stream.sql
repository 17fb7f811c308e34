-- All listings of a kind, for a cursor on the server, and whether the gate withholds them.
SELECT body, since_us IS NOT NULL FROM listing LEFT JOIN withheld USING (merchant_no, kind, id)
WHERE merchant_no = %(merchant_no)s AND kind = %(kind)s ORDER BY id
