-- The newest version of each piece, a page.
SELECT body, number, state, author, since_us, submitter FROM (
    SELECT DISTINCT ON (piece) * FROM content_version
    WHERE merchant_no = %(merchant_no)s AND piece > %(after)s
    ORDER BY piece, number DESC
) newest
WHERE (%(kind)s::text IS NULL OR kind = %(kind)s) AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY piece LIMIT %(limit)s
