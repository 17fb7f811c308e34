-- Nothing more is taken from this till; waits for what it is telling.
UPDATE coupon_device SET revoked_us = %(at_us)s
WHERE merchant_no = %(merchant_no)s AND store = %(store)s AND device = %(device)s
  AND revoked_us IS NULL
