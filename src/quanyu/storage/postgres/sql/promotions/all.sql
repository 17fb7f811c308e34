-- Promotions of a merchant, by id, also those that the gate withholds.
SELECT terms FROM promotion WHERE merchant_no = %(merchant_no)s ORDER BY id
