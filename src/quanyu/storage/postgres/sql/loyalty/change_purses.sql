-- Debt and tier points of purses that are locked.
UPDATE points_member m SET debt = n.debt, tier_points = n.tier_points
FROM unnest(%(id)s::bigint[], %(debt)s::bigint[], %(tier_points)s::bigint[])
  AS n (id, debt, tier_points)
WHERE m.id = n.id AND (m.debt, m.tier_points) IS DISTINCT FROM (n.debt, n.tier_points)
