-- The holders are gone, what they bought stays sold.
UPDATE flash_hold f SET holder_kind = 'gone', holder_token = uuid_send(gen_random_uuid())
FROM unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token), flash_sale s
WHERE f.holder_kind = h.kind AND f.holder_token = h.token
  AND s.id = f.sale_id AND s.merchant = %(merchant)s
