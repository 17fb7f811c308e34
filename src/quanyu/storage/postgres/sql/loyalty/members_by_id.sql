-- Members by their numbers.
SELECT id, public_id, holder_kind, holder_token FROM points_member
WHERE id = ANY (%(ids)s) ORDER BY id
