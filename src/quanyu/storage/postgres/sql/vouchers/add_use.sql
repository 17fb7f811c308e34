-- Notes a scan.
INSERT INTO voucher_use (merchant_no, id, voucher, store, amount_fen, earned_fen, at_us)
VALUES (%(merchant_no)s, %(id)s, %(voucher)s, %(store)s, %(amount_fen)s, %(earned_fen)s, %(at_us)s)
