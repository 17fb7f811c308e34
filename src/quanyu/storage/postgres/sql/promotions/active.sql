-- Promotions of a merchant, by id.
SELECT terms FROM promotion WHERE merchant_no = %(merchant_no)s ORDER BY id
