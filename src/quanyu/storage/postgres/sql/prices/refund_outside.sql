-- Refunds of orders that are not ours; they add up, and may come before their payment.
INSERT INTO outside_trade AS known (merchant_no, order_id, item, refunded_fen)
SELECT merchant_no, order_id, item, sum(fen)::bigint
FROM unnest(%(merchants)s::int[], %(orders)s::text[], %(items)s::text[], %(amounts)s::bigint[])
     AS told (merchant_no, order_id, item, fen)
WHERE NOT EXISTS (
    SELECT FROM orders o WHERE o.merchant_no = told.merchant_no AND o.id = told.order_id
)
GROUP BY merchant_no, order_id, item
ON CONFLICT (merchant_no, order_id, item) DO UPDATE
SET refunded_fen = known.refunded_fen + excluded.refunded_fen
