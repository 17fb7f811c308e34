-- What was done with a piece, oldest first.
SELECT change FROM content_change WHERE merchant_no = %(merchant_no)s AND piece = %(piece)s ORDER BY no
