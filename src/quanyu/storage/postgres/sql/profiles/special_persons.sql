-- Persons for whom the off switch or age may matter, before or now.
SELECT DISTINCT coalesce(p.person, s.node)
FROM (
    SELECT node FROM consent WHERE purpose = 'personalisation'
    UNION SELECT node FROM tag_withheld
) s LEFT JOIN person_of p USING (node)
