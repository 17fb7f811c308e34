-- Value that has gone since.
UPDATE offer_minute m SET value_fen = m.value_fen + n.value_fen
FROM unnest(%(offers)s::int[], %(whats)s::text[], %(values)s::bigint[]) AS n (offer_no, what, value_fen)
WHERE (m.offer_no, m.what) = (n.offer_no, n.what) AND m.minute = %(minute)s
