-- Purses, locked in the order of their numbers.
SELECT id, debt, tier_points, frozen FROM points_member
WHERE id = ANY (%(ids)s) ORDER BY id FOR UPDATE
