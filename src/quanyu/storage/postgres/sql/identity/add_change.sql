-- Tells those who keep something per person.
INSERT INTO person_change (merchant_no, nodes) VALUES (%(merchant_no)s, %(nodes)s)
