-- Purses, as they are.
SELECT id, debt, tier_points, frozen FROM points_member WHERE id = ANY (%(ids)s) ORDER BY id
