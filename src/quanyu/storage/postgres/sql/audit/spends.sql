-- Spends whose links do not sum to what was spent.
SELECT s.id, s.points, sum(t.points) FROM points_spend s LEFT JOIN points_taken t ON t.spend_id = s.id
GROUP BY s.id HAVING sum(t.points) IS DISTINCT FROM s.points
