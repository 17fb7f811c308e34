-- New coupons.
INSERT INTO coupon (merchant_no, offer_no, coupon, state, holder_kind, holder_token, holder_seq,
                    issued_us, expires_us, face_fen, code_hash, last4)
SELECT m, o, c, 'issued', k, t, q, i, e, f, h, l
FROM unnest(%(merchants)s::int[], %(offers)s::int[], %(coupons)s::text[], %(kinds)s::text[],
            %(tokens)s::bytea[], %(seqs)s::int[], %(issued)s::bigint[], %(expires)s::bigint[],
            %(faces)s::bigint[], %(codes)s::bytea[], %(lasts)s::text[])
     AS n (m, o, c, k, t, q, i, e, f, h, l)
