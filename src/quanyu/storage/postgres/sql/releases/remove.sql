-- No longer holds anything back.
DELETE FROM release WHERE merchant_no = %(merchant_no)s AND id = %(id)s
