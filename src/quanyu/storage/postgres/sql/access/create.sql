-- Store a new API key by its hash.
INSERT INTO api_key (prefix, hash, merchant_no, scopes, created_us, expires_us)
VALUES (%s, %s, %s, %s, %s, %s)
