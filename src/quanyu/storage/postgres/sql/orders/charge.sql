-- What each line of a paid order costs its shop for points of the ecosystem, once.
UPDATE orders SET points_fen = %(points_fen)s
WHERE merchant_no = %(merchant_no)s AND id = %(order)s AND state = 'paid' AND points_fen = '{}'
