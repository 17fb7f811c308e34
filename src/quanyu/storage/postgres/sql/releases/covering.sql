-- Releases that name one of these items or categories.
SELECT terms FROM release
WHERE merchant_no = %(merchant_no)s
  AND (item = ANY(%(items)s::text[]) OR category = ANY(%(categories)s::text[]))
