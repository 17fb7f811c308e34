-- Sales of a group of attempts, locked in the order of their numbers.
SELECT s.id, s.merchant, s.terms, s.closed, is_withheld(s.merchant, 'flash_sale', s.name)
FROM flash_sale s
WHERE (s.merchant, s.name) IN (SELECT * FROM unnest(%(merchants)s::text[], %(names)s::text[]))
ORDER BY s.id FOR UPDATE
