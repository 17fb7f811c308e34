-- Create an audience, or give an existing one its next version.
INSERT INTO audience (merchant_no, name, definition, created_us, updated_us, epoch)
VALUES (%(merchant_no)s, %(name)s, %(definition)s, %(now_us)s, %(now_us)s, 1)
ON CONFLICT (merchant_no, name) DO UPDATE
SET definition = EXCLUDED.definition, version = audience.version + 1, updated_us = EXCLUDED.updated_us,
    refresh_us = 0
RETURNING audience_no, version
