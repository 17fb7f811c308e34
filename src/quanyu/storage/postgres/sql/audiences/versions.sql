-- What tells whether the audiences of a merchant are still the same.
SELECT audience_no, version FROM audience WHERE merchant_no = %(merchant_no)s ORDER BY audience_no
