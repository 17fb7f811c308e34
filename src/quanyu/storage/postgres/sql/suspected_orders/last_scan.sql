-- When the merchant's orders were last looked at.
SELECT max(at_us) FROM fraud_scan WHERE merchant_no = %(merchant_no)s
