-- One show.
SELECT plan, state, since_us, planner, hash, started_us, ended_us, kept_until_us, entries, entry_hash
FROM show WHERE merchant_no = %(merchant_no)s AND id = %(id)s
