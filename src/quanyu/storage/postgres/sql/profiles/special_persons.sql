-- Persons for whom the off switch or age may matter, before or now.
SELECT DISTINCT coalesce(p.person, s.node)
FROM (
    SELECT node FROM consent WHERE purpose = 'personalisation'
    UNION SELECT node FROM tag_state WHERE minor_through IS NOT NULL
    UNION SELECT node FROM tag_state WHERE suppressed
) s LEFT JOIN person_of p USING (node)
