-- One voucher, kept from others until commit.
SELECT id, terms::text, holder_kind, holder, order_id, paid_fen, method, expires_us, used_fen,
       earned_fen, refunded
FROM voucher WHERE merchant_no = %(merchant_no)s AND id = %(voucher)s FOR UPDATE
