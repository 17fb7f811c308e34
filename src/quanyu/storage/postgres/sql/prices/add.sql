-- What a paid order paid per unit.
INSERT INTO trade (merchant_no, order_id, line, unit_fen, shop, item, paid_us, quantity)
SELECT %(merchant_no)s, %(order)s, line, unit_fen, shop, item, %(paid_us)s, quantity
FROM unnest(%(lines)s::text[], %(units_fen)s::bigint[], %(shops)s::text[], %(items)s::text[],
            %(quantities)s::int[]) AS one (line, unit_fen, shop, item, quantity)
