-- A show that is closed now, and of which nothing is booked yet.
INSERT INTO show_settlement (merchant_no, show) VALUES (%(merchant_no)s, %(id)s)
