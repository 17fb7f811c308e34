-- Tills of a merchant: of one store or of all, one or all.
SELECT device, store, added_us, revoked_us FROM coupon_device
WHERE merchant_no = %(merchant_no)s AND (%(store)s::text IS NULL OR store = %(store)s)
  AND (%(device)s::text IS NULL OR device = %(device)s)
ORDER BY added_us, device
