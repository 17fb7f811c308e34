-- Value of the last hour by minute.
SELECT offer_no, what, minute, value_fen FROM offer_minute
WHERE (offer_no, what) IN (SELECT * FROM unnest(%(offers)s::int[], %(whats)s::text[]))
  AND minute > %(minute)s - 60
