-- Listings by id.
SELECT body FROM listing
WHERE merchant_no = %(merchant_no)s AND kind = %(kind)s AND id = ANY(%(ids)s::text[]) ORDER BY id
