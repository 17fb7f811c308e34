-- One order, kept from others until commit.
SELECT id, holder_kind, holder, touchpoint, terms, state, placed_us, deadline_us, method,
       refunded_fen, shipping_refunded_fen, shipped, points_fen
FROM orders WHERE merchant_no = %(merchant_no)s AND id = %(order)s FOR UPDATE
