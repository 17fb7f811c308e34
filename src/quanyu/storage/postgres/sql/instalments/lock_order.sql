-- The row that keeps an order and its plan from others until commit.
SELECT 1 FROM orders WHERE merchant_no = %(merchant_no)s AND id = %(order)s FOR UPDATE
