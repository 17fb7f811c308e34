-- Take what has fallen due, as far as profiles have come.
WITH due AS (
    DELETE FROM audience_timer t
    USING (
        SELECT audience_no, person FROM audience_timer
        WHERE due_us <= %(now_us)s AND after_offset <= %(reached)s
        ORDER BY due_us LIMIT %(limit)s
    ) d
    WHERE t.audience_no = d.audience_no AND t.person = d.person
    RETURNING t.audience_no, t.person
)
SELECT m.name, due.audience_no, due.person
FROM due JOIN audience a USING (audience_no) JOIN merchant m USING (merchant_no)
