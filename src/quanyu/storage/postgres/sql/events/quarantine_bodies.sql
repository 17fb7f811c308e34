-- The encrypted bytes of all refused events of a merchant.
SELECT id, digest, body FROM quarantine WHERE merchant_no = %(merchant_no)s ORDER BY id
