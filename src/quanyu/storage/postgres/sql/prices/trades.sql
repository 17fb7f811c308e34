-- Trades of an item in a shop within [since, until), flagged where the order is suspected of being fake.
-- Of an outside order that was refunded in part nobody knows for what: its price is what is left of it. A refund
-- that names no item counts where the order has only one.
WITH found AS (
    SELECT order_id, paid_us, unit_fen, quantity, refunded
    FROM trade
    WHERE merchant_no = %(merchant_no)s AND shop = %(shop)s AND item = %(item)s
      AND paid_us >= %(since_us)s AND paid_us < %(until_us)s
    UNION ALL
    SELECT o.order_id, o.paid_us, greatest(o.amount_fen - back.fen, 0) / o.quantity, o.quantity,
           CASE WHEN back.fen >= o.amount_fen THEN o.quantity ELSE 0 END
    FROM outside_trade o
    CROSS JOIN LATERAL (
        SELECT o.refunded_fen + coalesce(sum(other.refunded_fen) FILTER (WHERE other.item = ''), 0)
               * (count(other.paid_us) = 1)::integer AS fen
        FROM outside_trade other
        WHERE other.merchant_no = o.merchant_no AND other.order_id = o.order_id
    ) back
    WHERE o.merchant_no = %(merchant_no)s AND o.shop = %(shop)s AND o.item = %(item)s
      AND o.paid_us >= %(since_us)s AND o.paid_us < %(until_us)s
)
SELECT f.order_id, f.paid_us, f.unit_fen::bigint, f.quantity, f.refunded, s.order_id IS NOT NULL
FROM found f
LEFT JOIN suspected_order s
  ON s.merchant_no = %(merchant_no)s AND s.order_id = f.order_id
 AND s.state IN ('suspected', 'confirmed')
ORDER BY f.paid_us, f.order_id, f.unit_fen
