-- Pieces that each holder has bought, or holds now.
SELECT a.sale_id, a.kind, a.token, count(*)
FROM unnest(%(sales)s::integer[], %(kinds)s::text[], %(tokens)s::bytea[])
  AS a (sale_id, kind, token)
JOIN flash_hold h
  ON h.sale_id = a.sale_id AND h.holder_token = a.token AND h.holder_kind = a.kind
WHERE h.state = 'sold' OR h.state = 'held' AND h.expires_us > %(now_us)s
GROUP BY 1, 2, 3
