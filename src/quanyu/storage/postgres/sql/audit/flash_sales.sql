-- Sales with the pieces that rows say are sold.
SELECT s.id, s.merchant, s.terms, s.closed,
       (SELECT count(*) FROM flash_hold h WHERE h.sale_id = s.id AND h.state = 'sold')
FROM flash_sale s ORDER BY s.id
