-- All listings of a kind, for a cursor on the server.
SELECT body FROM listing WHERE merchant_no = %(merchant_no)s AND kind = %(kind)s ORDER BY id
