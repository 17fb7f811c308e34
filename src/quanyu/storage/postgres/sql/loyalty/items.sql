-- What points of a programme buy.
SELECT id, offered FROM points_item WHERE programme_id = %(programme)s ORDER BY name
