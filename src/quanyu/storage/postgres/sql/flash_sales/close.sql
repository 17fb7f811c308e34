-- The kill switch of a sale.
UPDATE flash_sale SET closed = true WHERE id = %(sale)s
