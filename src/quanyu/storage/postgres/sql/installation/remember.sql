-- Keep the check value of the first master key; later ones do not replace it.
INSERT INTO installation (master_key_check) VALUES (%s) ON CONFLICT (one) DO NOTHING
