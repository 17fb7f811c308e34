-- What is published now.
SELECT body, number, state, author, since_us, submitter FROM content_version
WHERE merchant_no = %(merchant_no)s AND piece = %(piece)s AND state = 'published'
