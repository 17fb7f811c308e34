-- Attempts under these marks.
DELETE FROM coupon_attempt WHERE merchant_no = %(merchant_no)s AND token = ANY(%(tokens)s)
