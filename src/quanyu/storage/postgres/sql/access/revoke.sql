-- Put a key of this merchant out of force, once.
UPDATE api_key SET revoked_us = %s
FROM merchant
WHERE api_key.merchant_no = merchant.merchant_no
  AND prefix = %s AND merchant.name = %s AND revoked_us IS NULL
