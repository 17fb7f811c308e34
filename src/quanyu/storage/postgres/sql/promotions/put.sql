-- New or changed.
INSERT INTO promotion (merchant_no, id, terms) VALUES (%(merchant_no)s, %(id)s, %(terms)s)
ON CONFLICT (merchant_no, id) DO UPDATE SET terms = excluded.terms
