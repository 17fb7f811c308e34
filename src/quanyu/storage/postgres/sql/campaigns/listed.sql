-- Campaigns of a merchant by id, a page.
SELECT campaign, advertiser, title, state, day_fen, total_fen, newest, newest_state, from_us, to_us, in_force, committed_fen, settled
FROM campaign
WHERE merchant_no = %(merchant_no)s AND campaign > %(after)s AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY campaign LIMIT %(limit)s
