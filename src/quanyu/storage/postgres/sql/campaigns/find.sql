-- How a campaign stands.
SELECT campaign, advertiser, title, state, day_fen, total_fen, newest, newest_state, from_us, to_us, in_force, committed_fen, settled
FROM campaign WHERE merchant_no = %(merchant_no)s AND campaign = %(campaign)s
