-- Give a merchant its number; no row when another transaction did so first.
INSERT INTO merchant (name) VALUES (%s) ON CONFLICT (name) DO NOTHING RETURNING merchant_no
