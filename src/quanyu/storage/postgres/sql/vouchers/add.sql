-- A voucher that was just paid for.
INSERT INTO voucher (
    merchant_no, id, code_token, terms, face_fen, holder_kind, holder, order_id, paid_fen, method,
    expires_us
) VALUES (
    %(merchant_no)s, %(id)s, %(code_token)s, %(terms)s, %(face_fen)s, %(holder_kind)s, %(holder)s,
    %(order_id)s, %(paid_fen)s, %(method)s, %(expires_us)s
)
