-- One order as it stands, locked for who is about to say something of it.
SELECT order_id, state, score_ppm, scan, evidence::text, since_us, by_person FROM suspected_order
WHERE merchant_no = %(merchant_no)s AND order_id = %(order)s FOR UPDATE
