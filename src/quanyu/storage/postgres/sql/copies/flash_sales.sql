-- Pieces of flash sales that a person reserved.
SELECT jsonb_build_object(
    'sale', s.name, 'state', f.state, 'expires_us', f.expires_us, 'order', f.order_key
)
FROM flash_hold f JOIN flash_sale s ON s.id = f.sale_id
JOIN unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token)
    ON (f.holder_kind, f.holder_token) = (h.kind, h.token)
WHERE s.merchant = %(merchant)s ORDER BY f.expires_us, f.request
