-- How it stands from now on, from how it was seen; whose it is never changes.
UPDATE campaign SET title = %(title)s, state = %(state)s, day_fen = %(day_fen)s, total_fen = %(total_fen)s,
    newest = %(newest)s, newest_state = %(newest_state)s, from_us = %(from_us)s, to_us = %(to_us)s,
    in_force = %(in_force)s, committed_fen = %(committed_fen)s, settled = %(settled)s
WHERE merchant_no = %(merchant_no)s AND campaign = %(campaign)s AND advertiser = %(advertiser)s
  AND state = %(was_state)s AND newest = %(was_newest)s AND committed_fen = %(was_committed_fen)s
