-- To another state, out of the one that was judged.
UPDATE content_version SET state = %(to)s, since_us = %(since_us)s, submitter = %(submitter)s
WHERE merchant_no = %(merchant_no)s AND piece = %(piece)s AND number = %(number)s AND state = %(from)s
