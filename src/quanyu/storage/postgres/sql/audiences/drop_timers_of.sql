-- A new definition waits for other things.
DELETE FROM audience_timer WHERE audience_no = %(audience_no)s
