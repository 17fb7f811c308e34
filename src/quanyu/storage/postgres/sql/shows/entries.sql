-- The archive of a show, in order.
SELECT number, at_us, kind, said, hash FROM show_entry
WHERE merchant_no = %(merchant_no)s AND show = %(id)s ORDER BY number
