-- The numbers of some audiences.
SELECT name, audience_no FROM audience
WHERE merchant_no = (SELECT merchant_no FROM merchant m WHERE m.name = %(merchant)s) AND name = ANY (%(names)s)
