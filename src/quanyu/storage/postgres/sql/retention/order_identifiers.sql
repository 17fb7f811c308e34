-- Who placed old orders.
DELETE FROM order_identifier WHERE (merchant_no, order_id, place) IN (
    SELECT i.merchant_no, i.order_id, i.place FROM order_identifier i
    JOIN orders o ON (o.merchant_no, o.id) = (i.merchant_no, i.order_id)
    WHERE o.placed_us < %(cutoff_us)s LIMIT %(limit)s
)
