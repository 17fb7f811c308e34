-- The history of one thing, oldest first.
SELECT kind, id, what, actor, at_us, rule, article, why FROM withheld_history
WHERE merchant_no = %(merchant_no)s AND kind = %(kind)s AND id = %(id)s ORDER BY line_no
