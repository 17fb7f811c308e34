-- What is withheld, each with the last line of its history, the oldest first.
SELECT h.kind, h.id, h.what, h.actor, h.at_us, h.rule, h.article, h.why
FROM withheld w CROSS JOIN LATERAL (
    SELECT * FROM withheld_history one
    WHERE one.merchant_no = w.merchant_no AND one.kind = w.kind AND one.id = w.id
    ORDER BY one.line_no DESC LIMIT 1
) AS h
WHERE w.merchant_no = %(merchant_no)s ORDER BY h.line_no
