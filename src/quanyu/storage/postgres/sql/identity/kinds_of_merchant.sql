-- Kinds of identifier that a merchant has.
SELECT DISTINCT kind FROM identifier WHERE merchant_no = %(merchant_no)s
