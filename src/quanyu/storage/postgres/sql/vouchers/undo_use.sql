-- Takes a scan back, once.
UPDATE voucher_use SET undone = true
WHERE merchant_no = %(merchant_no)s AND id = %(use)s AND NOT undone
