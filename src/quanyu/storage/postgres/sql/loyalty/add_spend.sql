-- A spend with its links to the lots it took from.
WITH spend AS (
    INSERT INTO points_spend (programme_id, reference, points)
    VALUES (%(programme)s, %(reference)s, %(points)s) RETURNING id
)
INSERT INTO points_taken (spend_id, lot_id, points)
SELECT spend.id, t.lot_id, t.points
FROM spend, unnest(%(lots)s::bigint[], %(taken)s::bigint[]) AS t (lot_id, points)
