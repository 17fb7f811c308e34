-- What points of a programme buy.
SELECT i.id, i.offered, is_withheld(p.owner, 'points_item', p.name || '/' || i.name)
FROM points_item i JOIN points_programme p ON p.id = i.programme_id
WHERE i.programme_id = %(programme)s ORDER BY i.name
