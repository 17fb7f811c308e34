-- The numbers of some audiences.
SELECT name, audience_no FROM audience WHERE merchant_no = %(merchant_no)s AND name = ANY (%(names)s)
