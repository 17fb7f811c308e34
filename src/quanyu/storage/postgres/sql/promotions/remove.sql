-- No longer applies.
DELETE FROM promotion WHERE merchant_no = %(merchant_no)s AND id = %(id)s
