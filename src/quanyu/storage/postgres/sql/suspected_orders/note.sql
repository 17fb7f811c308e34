-- One line of history per order.
INSERT INTO suspected_order_history
    (merchant_no, order_id, at_us, became, actor, note, score_ppm, scan)
SELECT %(merchant_no)s, o, %(now_us)s, %(became)s, %(actor)s, %(note)s, s, %(scan)s
FROM unnest(%(orders)s::text[], %(scores)s::integer[]) AS t (o, s)
