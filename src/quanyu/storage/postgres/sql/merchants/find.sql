-- Number of a merchant by name.
SELECT merchant_no FROM merchant WHERE name = %s
