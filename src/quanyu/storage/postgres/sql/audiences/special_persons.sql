-- Persons of a merchant for whom the off switch or age may matter.
SELECT DISTINCT coalesce(p.person, s.node)
FROM (
    SELECT node FROM consent WHERE purpose = 'personalisation'
    UNION SELECT node FROM tag_withheld
) s JOIN identifier i USING (node) LEFT JOIN person_of p USING (node)
WHERE i.merchant_no = %(merchant_no)s
