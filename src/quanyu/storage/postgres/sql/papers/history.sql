-- Every line of one id, oldest first.
SELECT kind, id, body, actor, at_us, withdrawn FROM paper
WHERE merchant_no = %(merchant_no)s AND kind = %(kind)s AND id = %(id)s ORDER BY paper_no
