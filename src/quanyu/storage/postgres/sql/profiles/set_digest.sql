-- Note which measures the states are folded with from now on.
INSERT INTO tag_catalogue (digest) VALUES (%(digest)s)
ON CONFLICT (single) DO UPDATE SET digest = EXCLUDED.digest
