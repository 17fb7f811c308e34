-- How many pieces each holder has had, locked in order.
SELECT offer_no, kind, token, pieces FROM coupon_holder
WHERE (offer_no, kind, token) IN
      (SELECT * FROM unnest(%(offers)s::int[], %(kinds)s::text[], %(tokens)s::bytea[]))
ORDER BY offer_no, kind, token FOR UPDATE
