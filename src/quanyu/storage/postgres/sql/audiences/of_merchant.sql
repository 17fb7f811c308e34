-- Audiences of a merchant by name.
SELECT audience_no, name, definition, version, created_us, updated_us, epoch, refresh_us
FROM audience WHERE merchant_no = %(merchant_no)s ORDER BY name
