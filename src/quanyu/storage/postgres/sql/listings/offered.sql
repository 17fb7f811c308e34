-- Items on sale as they were written, withheld ones too, for a cursor on the server.
SELECT body FROM listing WHERE merchant_no = %(merchant_no)s AND kind = 'item' AND offered ORDER BY id
