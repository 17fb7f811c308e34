-- What has fallen due, as far as profiles have come.
SELECT m.name, t.audience_no, t.person
FROM audience_timer t JOIN audience a USING (audience_no) JOIN merchant m USING (merchant_no)
WHERE t.due_us <= %(now_us)s AND t.after_offset <= %(reached)s
ORDER BY t.due_us LIMIT %(limit)s
