-- The holders are gone, the points stay: random names stand in their place.
UPDATE points_member m SET holder_kind = 'gone', holder_token = uuid_send(gen_random_uuid())
FROM unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token), points_programme p
WHERE m.holder_kind = h.kind AND m.holder_token = h.token
  AND p.id = m.programme_id AND p.owner = %(owner)s
