-- A till that may take coupons without a network.
INSERT INTO coupon_device (merchant_no, device, store, added_us)
VALUES (%(merchant_no)s, %(device)s, %(store)s, %(at_us)s)
