-- Sales of a merchant, the newest first.
SELECT id, merchant, terms, closed FROM flash_sale WHERE merchant = %(merchant)s ORDER BY id DESC
