-- Makes an item that points buy; nothing comes back for a name that is taken.
INSERT INTO points_item (programme_id, name, partner, offered)
VALUES (%(programme)s, %(name)s, %(partner)s, %(offered)s)
ON CONFLICT (programme_id, name) DO NOTHING
RETURNING id
