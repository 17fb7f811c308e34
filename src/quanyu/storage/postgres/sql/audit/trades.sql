-- What the price history says of each paid order, beside what its terms and returned units say. A full join, so
-- that a trade without an order and an order without its trades are both found.
WITH said AS (
    SELECT o.merchant_no, o.id AS order_id, sold ->> 'line' AS line, (unit.told ->> 'cash')::bigint AS unit_fen,
           sold ->> 'shop' AS shop, sold ->> 'item' AS item, count(*) AS quantity, count(r.unit) AS refunded,
           min(o.placed_us) AS placed_us, min(o.deadline_us) AS deadline_us
    FROM orders o
    CROSS JOIN jsonb_array_elements(convert_from(o.terms, 'UTF8')::jsonb #> '{quote,lines}') AS sold
    CROSS JOIN jsonb_array_elements(sold -> 'units') WITH ORDINALITY AS unit (told, place)
    LEFT JOIN order_returned r
      ON r.merchant_no = o.merchant_no AND r.order_id = o.id
     AND r.line = sold ->> 'line' AND r.unit = unit.place
    WHERE o.state NOT IN ('placed', 'cancelled')
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT m.name, order_id, line, unit_fen,
       ARRAY[s.shop, s.item, s.quantity::text, s.refunded::text],
       ARRAY[t.shop, t.item, t.quantity::text, t.refunded::text],
       coalesce(t.paid_us BETWEEN s.placed_us AND s.deadline_us, true)
FROM said s
FULL JOIN trade t USING (merchant_no, order_id, line, unit_fen)
JOIN merchant m USING (merchant_no)
ORDER BY 1, 2, 3, 4
