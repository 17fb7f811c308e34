-- Industries of some items; NULL is the merchant's.
SELECT DISTINCT industry FROM listing
WHERE merchant_no = %(merchant_no)s AND kind = 'item' AND id = ANY(%(ids)s::text[])
