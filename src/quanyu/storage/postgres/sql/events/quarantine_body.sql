-- The encrypted bytes of one refused event.
SELECT digest, body FROM quarantine
WHERE merchant_no = %(merchant_no)s AND id = %(id)s
