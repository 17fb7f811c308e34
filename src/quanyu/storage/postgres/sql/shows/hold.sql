-- Holds off whoever would close the show, until commit.
SELECT FROM show WHERE merchant_no = %(merchant_no)s AND id = %(id)s FOR KEY SHARE
