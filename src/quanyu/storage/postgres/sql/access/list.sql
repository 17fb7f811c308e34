-- All keys of a merchant.
SELECT prefix, merchant.name AS merchant, scopes, created_us, expires_us, revoked_us, last_used_us
FROM api_key JOIN merchant USING (merchant_no)
WHERE merchant.name = %s
ORDER BY created_us, prefix
