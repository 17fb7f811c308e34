-- What an order line with this item sells; new or changed.
INSERT INTO voucher_product (merchant_no, item, terms)
VALUES (%(merchant_no)s, %(item)s, %(terms)s)
ON CONFLICT (merchant_no, item) DO UPDATE SET terms = excluded.terms
