-- Releases of a merchant, by id.
SELECT terms FROM release WHERE merchant_no = %(merchant_no)s ORDER BY id
