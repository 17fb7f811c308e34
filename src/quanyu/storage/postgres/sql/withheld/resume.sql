-- Shows again what is withheld.
DELETE FROM withheld
WHERE merchant_no = %(merchant_no)s
  AND (kind, id) IN (SELECT * FROM unnest(%(kinds)s::text[], %(ids)s::text[]))
RETURNING kind, id
