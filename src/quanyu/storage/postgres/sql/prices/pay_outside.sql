-- Payments of orders that are not ours. Told twice, the earlier time and the smaller amount stand.
INSERT INTO outside_trade AS known (merchant_no, order_id, item, shop, paid_us, amount_fen, quantity)
SELECT one.*
FROM (
    SELECT merchant_no, order_id, item, min(shop) AS shop, min(paid_us) AS paid_us,
           min(amount_fen) AS amount_fen, max(quantity) AS quantity
    FROM unnest(%(merchants)s::int[], %(orders)s::text[], %(items)s::text[], %(shops)s::text[],
                %(paid_us)s::bigint[], %(amounts)s::bigint[], %(quantities)s::int[])
         AS told (merchant_no, order_id, item, shop, paid_us, amount_fen, quantity)
    GROUP BY merchant_no, order_id, item
) AS one
WHERE NOT EXISTS (
    SELECT FROM orders o WHERE o.merchant_no = one.merchant_no AND o.id = one.order_id
)
ON CONFLICT (merchant_no, order_id, item) DO UPDATE
SET shop = CASE WHEN known.paid_us IS NULL THEN excluded.shop ELSE least(known.shop, excluded.shop) END,
    paid_us = least(known.paid_us, excluded.paid_us),
    amount_fen = least(known.amount_fen, excluded.amount_fen),
    quantity = greatest(known.quantity, excluded.quantity)
