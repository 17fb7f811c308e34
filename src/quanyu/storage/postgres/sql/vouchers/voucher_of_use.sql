-- Whose scan it was.
SELECT voucher FROM voucher_use WHERE merchant_no = %(merchant_no)s AND id = %(use)s
