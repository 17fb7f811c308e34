-- Units that go back, each once.
INSERT INTO order_returned (merchant_no, order_id, line, unit)
SELECT %(merchant_no)s, %(order)s, line, unit FROM unnest(%(lines)s::text[], %(units)s::int[]) AS one (line, unit)
