-- What was asked and answered; a key that somebody else has taken meanwhile is left out.
INSERT INTO coupon_step
    (merchant_no, operation, request, fingerprint, coupon, before, after, at_us, outcome)
SELECT * FROM unnest(%(merchants)s::int[], %(operations)s::text[], %(requests)s::text[],
    %(fingerprints)s::bytea[], %(coupons)s::text[], %(befores)s::text[], %(afters)s::text[],
    %(times)s::bigint[], %(outcomes)s::bytea[])
ON CONFLICT DO NOTHING
