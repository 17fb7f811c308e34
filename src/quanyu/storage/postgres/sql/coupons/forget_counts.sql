-- What these holders have had is counted for pseudonyms.
UPDATE coupon_holder h SET token = n.fresh, kind = 'erased'
FROM unnest(%(kinds)s::text[], %(tokens)s::bytea[], %(fresh)s::bytea[]) AS n (kind, token, fresh),
     offer o
WHERE (h.kind, h.token) = (n.kind, n.token) AND o.offer_no = h.offer_no
  AND o.merchant_no = %(merchant_no)s
