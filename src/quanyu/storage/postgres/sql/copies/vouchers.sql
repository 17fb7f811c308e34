-- Vouchers that a person bought, and where they were used.
SELECT jsonb_build_object(
    'voucher', v.id, 'terms', v.terms, 'face_fen', v.face_fen, 'order', v.order_id, 'paid_fen', v.paid_fen,
    'method', v.method, 'expires_us', v.expires_us, 'used_fen', v.used_fen, 'refunded', v.refunded,
    'uses', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'store', u.store, 'amount_fen', u.amount_fen, 'at_us', u.at_us, 'undone', u.undone
        ) ORDER BY u.at_us, u.id), '[]') FROM voucher_use u WHERE (u.merchant_no, u.voucher) = (v.merchant_no, v.id)
    )
)
FROM voucher v JOIN unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token)
    ON (v.holder_kind, v.holder) = (h.kind, h.token)
WHERE v.merchant_no = %(merchant_no)s ORDER BY v.id
