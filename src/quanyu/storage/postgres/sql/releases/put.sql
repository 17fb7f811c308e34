-- New or changed.
INSERT INTO release (merchant_no, id, item, category, terms)
VALUES (%(merchant_no)s, %(id)s, %(item)s, %(category)s, %(terms)s)
ON CONFLICT (merchant_no, id) DO UPDATE
SET item = excluded.item, category = excluded.category, terms = excluded.terms
