-- An order that came out of a show.
INSERT INTO show_order (merchant_no, order_id, show) VALUES (%(merchant_no)s, %(order)s, %(show)s)
