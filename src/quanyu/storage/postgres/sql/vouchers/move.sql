-- Moves the figures of a voucher with its scans; nothing moves once it is refunded.
UPDATE voucher SET used_fen = used_fen + %(amount_fen)s, earned_fen = earned_fen + %(earned_fen)s
WHERE merchant_no = %(merchant_no)s AND id = %(voucher)s AND NOT refunded
