-- A spend and its links.
SELECT s.id, s.points, t.lot_id, t.points, t.restored
FROM points_spend s JOIN points_taken t ON t.spend_id = s.id
WHERE s.programme_id = %(programme)s AND s.reference = %(reference)s
ORDER BY t.lot_id
