-- Tills of a write, locked in order: what a till has lost so far is counted under its lock.
SELECT merchant_no, device, store, revoked_us FROM coupon_device
WHERE (merchant_no, device) IN (SELECT * FROM unnest(%(merchants)s::int[], %(devices)s::text[]))
ORDER BY merchant_no, device FOR UPDATE
