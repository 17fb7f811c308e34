-- What became of one order, the oldest first.
SELECT at_us, became, actor, note, score_ppm, scan FROM suspected_order_history
WHERE merchant_no = %(merchant_no)s AND order_id = %(order)s ORDER BY id
