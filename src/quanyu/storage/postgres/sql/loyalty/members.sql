-- Members of a programme among some holders.
SELECT m.id, m.public_id, m.holder_kind, m.holder_token
FROM unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token)
JOIN points_member m
  ON m.programme_id = %(programme)s AND m.holder_kind = h.kind AND m.holder_token = h.token
ORDER BY m.id
