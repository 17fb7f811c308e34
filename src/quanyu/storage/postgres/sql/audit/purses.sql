-- Purses with the sums of their live lots.
SELECT p.id, p.owner, p.name, p.terms, m.id,
       coalesce(sum(l.remaining) FILTER (WHERE l.state = 'pending'), 0),
       coalesce(sum(l.remaining) FILTER (WHERE l.state = 'available'), 0),
       m.debt
FROM (SELECT * FROM points_member WHERE id > %(after)s ORDER BY id LIMIT %(limit)s) m
JOIN points_programme p ON p.id = m.programme_id
LEFT JOIN points_lot l ON l.member_id = m.id AND l.state IN ('pending', 'available')
GROUP BY p.id, m.id, m.debt ORDER BY m.id
