-- So many codes more have been made.
UPDATE code_batch SET made = %(made)s
WHERE merchant_no = %(merchant_no)s AND batch = %(batch)s AND made = %(before)s
