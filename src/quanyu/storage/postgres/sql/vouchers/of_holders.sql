-- Everything that these identifiers hold, what ends first first.
SELECT id, terms::text, holder_kind, holder, order_id, paid_fen, method, expires_us, used_fen,
       earned_fen, refunded
FROM voucher
WHERE merchant_no = %(merchant_no)s AND holder = ANY(%(holders)s)
  AND (holder_kind, holder) IN (SELECT * FROM unnest(%(kinds)s::text[], %(holders)s::bytea[]))
ORDER BY expires_us, id
