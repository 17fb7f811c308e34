-- Coupons as they have become, each from the state in which it was locked.
UPDATE coupon c
SET state = n.state, holder_kind = n.holder_kind, holder_token = n.holder_token,
    holder_seq = CASE WHEN n.holder_token IS NOT DISTINCT FROM c.holder_token
                      THEN c.holder_seq END,
    until_us = n.until_us, order_id = n.order_id, store = n.store, used_us = n.used_us,
    spent_fen = n.spent_fen, gift = n.gift, face_fen = n.face_fen
FROM unnest(%(numbers)s::bigint[], %(befores)s::text[], %(states)s::text[],
            %(kinds)s::text[], %(tokens)s::bytea[], %(untils)s::bigint[], %(orders)s::text[],
            %(stores)s::text[], %(used)s::bigint[], %(spent)s::bigint[], %(gifts)s::bytea[],
            %(faces)s::bigint[])
     AS n (coupon_no, before, state, holder_kind, holder_token, until_us, order_id, store,
           used_us, spent_fen, gift, face_fen)
WHERE c.coupon_no = n.coupon_no AND c.state = n.before
