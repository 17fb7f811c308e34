-- What was answered before.
SELECT merchant_no, operation, request, fingerprint, outcome FROM coupon_step
WHERE (merchant_no, operation, request) IN
      (SELECT * FROM unnest(%(merchants)s::int[], %(operations)s::text[], %(requests)s::text[]))
