-- A scan as it stands; its voucher is locked before.
SELECT id, store, amount_fen, at_us, earned_fen, undone FROM voucher_use
WHERE merchant_no = %(merchant_no)s AND id = %(use)s
