-- Vouchers that ended long ago belong to nobody who can be found again.
UPDATE voucher v SET holder_kind = 'erased', holder = uuid_send(gen_random_uuid())
FROM (
    SELECT merchant_no, id FROM voucher
    WHERE expires_us < %(cutoff_us)s AND holder_kind <> 'erased'
        AND (refunded OR used_fen = face_fen OR earned_fen = paid_fen) LIMIT %(limit)s
) old WHERE (v.merchant_no, v.id) = (old.merchant_no, old.id)
