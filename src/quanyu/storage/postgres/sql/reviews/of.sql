-- What was said of one thing, newest first.
SELECT day, at_us, industry, verdict, shown, hits FROM review
WHERE merchant_no = %(merchant_no)s AND kind = %(kind)s AND id = %(id)s ORDER BY review_no DESC LIMIT %(limit)s
