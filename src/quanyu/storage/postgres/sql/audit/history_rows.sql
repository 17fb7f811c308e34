-- Rows of history of one merchant, and the offset up to which profiles have read the log.
SELECT (
    SELECT count(*)
    FROM history JOIN identifier USING (node)
    WHERE identifier.merchant_no = %(merchant_no)s
), coalesce((SELECT "offset" FROM consumer_offset WHERE consumer = 'profiles'), 0)
