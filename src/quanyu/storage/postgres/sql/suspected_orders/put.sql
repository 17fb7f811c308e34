-- What a scan suspects: new rows, and newer evidence where nobody has said anything yet. A person's word stays.
INSERT INTO suspected_order (merchant_no, order_id, state, score_ppm, scan, evidence, since_us)
SELECT %(merchant_no)s, o, 'suspected', s, %(scan)s, e::jsonb, %(now_us)s
FROM unnest(%(orders)s::text[], %(scores)s::integer[], %(evidence)s::text[]) AS t (o, s, e)
ORDER BY o
ON CONFLICT (merchant_no, order_id) DO UPDATE
SET score_ppm = excluded.score_ppm, scan = excluded.scan, evidence = excluded.evidence
WHERE suspected_order.state = 'suspected'
RETURNING order_id, xmax = 0
