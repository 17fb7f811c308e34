-- Locks an item; who counts its pieces does so afterwards.
SELECT id FROM points_item WHERE id = %(item)s FOR UPDATE
