-- Shows to come or live that share a moment with a stretch of time, by start.
SELECT plan, state, since_us, planner, hash, started_us, ended_us, kept_until_us, entries, entry_hash FROM show
WHERE merchant_no = %(merchant_no)s AND state IN ('planned', 'approved', 'live')
  AND ends_us > %(from_us)s AND starts_us < %(to_us)s
ORDER BY starts_us, id
