-- Pieces that were just reserved.
INSERT INTO flash_hold (id, sale_id, request, holder_kind, holder_token, state, expires_us)
SELECT * FROM unnest(%(ids)s::bytea[], %(sales)s::integer[], %(requests)s::text[],
    %(kinds)s::text[], %(tokens)s::bytea[], %(states)s::text[], %(expires_us)s::bigint[])
