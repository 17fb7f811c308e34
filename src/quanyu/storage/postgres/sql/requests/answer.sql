-- Keeps the answer of a request that is ours.
UPDATE request SET answer = %(answer)s
WHERE merchant_no = %(merchant_no)s AND operation = %(operation)s AND key = %(key)s
  AND answer IS NULL
