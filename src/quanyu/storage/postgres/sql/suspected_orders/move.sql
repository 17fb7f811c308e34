-- A person has said what it is.
UPDATE suspected_order SET state = %(state)s
WHERE merchant_no = %(merchant_no)s AND order_id = %(order)s
