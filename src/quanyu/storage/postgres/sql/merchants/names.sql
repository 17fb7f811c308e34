-- All merchants by number.
SELECT merchant_no, name FROM merchant
