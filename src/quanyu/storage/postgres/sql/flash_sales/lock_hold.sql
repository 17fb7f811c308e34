-- One hold of a merchant's sale, locked.
SELECT s.id, s.merchant, s.terms, s.closed,
       h.id, h.holder_kind, h.holder_token, h.state, h.expires_us, h.request, h.order_key
FROM flash_hold h JOIN flash_sale s ON s.id = h.sale_id
WHERE h.id = %(hold)s AND s.merchant = %(merchant)s
FOR UPDATE OF h
