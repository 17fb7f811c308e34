-- The next state, from the one it was seen in.
UPDATE offer SET state = %(after)s, submitted_by = coalesce(%(submitted_by)s, submitted_by)
WHERE offer_no = %(offer_no)s AND state = %(before)s
