-- The money of a refund; never more than was paid.
UPDATE orders
SET refunded_fen = refunded_fen + %(cash_fen)s,
    shipping_refunded_fen = shipping_refunded_fen + %(shipping_fen)s
WHERE merchant_no = %(merchant_no)s AND id = %(order)s
  AND %(cash_fen)s >= 0 AND refunded_fen + %(cash_fen)s <= payable_fen
