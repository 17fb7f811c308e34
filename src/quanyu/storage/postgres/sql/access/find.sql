-- The key behind a hash, in force or not.
SELECT prefix, merchant.name AS merchant, scopes, created_us, expires_us, revoked_us, last_used_us
FROM api_key JOIN merchant USING (merchant_no)
WHERE hash = %s
