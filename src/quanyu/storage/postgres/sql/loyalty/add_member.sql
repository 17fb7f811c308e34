-- A new member; nothing comes back for a holder that is one.
INSERT INTO points_member (programme_id, public_id, holder_kind, holder_token, joined_us)
VALUES (%(programme)s, %(public_id)s, %(kind)s, %(token)s, %(at_us)s)
ON CONFLICT (programme_id, holder_kind, holder_token) DO NOTHING
RETURNING id
