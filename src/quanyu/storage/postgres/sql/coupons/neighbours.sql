-- Digests of the entries before these.
SELECT merchant_no, device, sequence, digest FROM coupon_offline
WHERE (merchant_no, device, sequence) IN
      (SELECT * FROM unnest(%(merchants)s::int[], %(devices)s::text[], %(sequences)s::bigint[]))
