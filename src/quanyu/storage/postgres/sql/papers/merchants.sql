-- Merchants that have a licence on record.
SELECT name FROM merchant WHERE merchant_no IN (SELECT merchant_no FROM paper WHERE kind = 'licence') ORDER BY name
