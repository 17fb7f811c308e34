-- Units of an order that have gone back.
SELECT line, unit FROM order_returned WHERE merchant_no = %(merchant_no)s AND order_id = %(order)s
