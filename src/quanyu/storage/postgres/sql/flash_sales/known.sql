-- Holds of requests that came before.
SELECT h.id, h.sale_id, h.holder_kind, h.holder_token, h.state, h.expires_us, h.request,
    h.order_key
FROM unnest(%(sales)s::integer[], %(requests)s::text[]) AS a (sale_id, request)
JOIN flash_hold h ON h.sale_id = a.sale_id AND h.request = a.request
