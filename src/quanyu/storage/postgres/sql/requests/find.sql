-- What the request was, and what it was answered.
SELECT fingerprint, answer FROM request
WHERE merchant_no = %(merchant_no)s AND operation = %(operation)s AND key = %(key)s
