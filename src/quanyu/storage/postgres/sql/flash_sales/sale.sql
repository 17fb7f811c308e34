-- One sale.
SELECT s.id, s.merchant, s.terms, s.closed, is_withheld(s.merchant, 'flash_sale', s.name)
FROM flash_sale s WHERE s.merchant = %(merchant)s AND s.name = %(name)s
