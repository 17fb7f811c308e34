-- A new sale; nothing comes back for a name that is taken.
INSERT INTO flash_sale (merchant, name, terms) VALUES (%(merchant)s, %(name)s, %(terms)s)
ON CONFLICT (merchant, name) DO NOTHING
RETURNING id
