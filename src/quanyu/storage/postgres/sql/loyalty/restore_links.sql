-- Notes what came back; never more than was taken.
UPDATE points_taken t SET restored = n.restored
FROM unnest(%(lots)s::bigint[], %(restored)s::bigint[]) AS n (lot_id, restored)
WHERE t.spend_id = %(spend)s AND t.lot_id = n.lot_id AND n.restored BETWEEN t.restored AND t.points
