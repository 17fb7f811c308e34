-- The voucher that a code opens.
SELECT id FROM voucher WHERE merchant_no = %(merchant_no)s AND code_token = %(code_token)s
