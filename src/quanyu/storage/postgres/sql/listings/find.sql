-- Listings by id, and whether the gate withholds them.
SELECT body, since_us IS NOT NULL FROM listing LEFT JOIN withheld USING (merchant_no, kind, id)
WHERE merchant_no = %(merchant_no)s AND kind = %(kind)s AND id = ANY(%(ids)s::text[]) ORDER BY id
