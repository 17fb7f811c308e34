-- What tills have told; an entry that another process has written meanwhile is left out.
INSERT INTO coupon_offline (merchant_no, device, sequence, digest, offer_no, coupon, at_us, shift,
                            reason, funder_fen, store_fen)
SELECT * FROM unnest(%(merchants)s::int[], %(devices)s::text[], %(sequences)s::bigint[],
    %(digests)s::text[], %(offers)s::int[], %(coupons)s::text[], %(times)s::bigint[],
    %(shifts)s::int[], %(reasons)s::text[], %(funders)s::bigint[], %(stores)s::bigint[])
ON CONFLICT DO NOTHING
