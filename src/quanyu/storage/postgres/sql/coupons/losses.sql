-- What offers have borne for each till and shift.
SELECT merchant_no, device, offer_no, shift, sum(funder_fen)::bigint FROM coupon_offline
WHERE (merchant_no, device, offer_no, shift) IN
      (SELECT * FROM unnest(%(merchants)s::int[], %(devices)s::text[], %(offers)s::int[],
                            %(shifts)s::int[]))
GROUP BY merchant_no, device, offer_no, shift
