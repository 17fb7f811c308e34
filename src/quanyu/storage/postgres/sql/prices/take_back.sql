-- Units that went back; never more than were sold.
UPDATE trade t SET refunded = t.refunded + back.quantity
FROM unnest(%(lines)s::text[], %(units_fen)s::bigint[], %(quantities)s::int[])
     AS back (line, unit_fen, quantity)
WHERE t.merchant_no = %(merchant_no)s AND t.order_id = %(order)s
  AND t.line = back.line AND t.unit_fen = back.unit_fen
