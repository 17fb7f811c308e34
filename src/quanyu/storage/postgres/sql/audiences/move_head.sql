-- Note the last change.
UPDATE audience_head SET change_no = %(change_no)s
