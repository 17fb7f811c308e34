-- The number of an audience.
SELECT audience_no FROM audience WHERE merchant_no = %(merchant_no)s AND name = %(name)s
