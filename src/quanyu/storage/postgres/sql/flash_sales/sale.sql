-- One sale.
SELECT id, merchant, terms, closed FROM flash_sale
WHERE merchant = %(merchant)s AND name = %(name)s
