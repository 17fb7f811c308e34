-- A person suspects an order: a new row, or one that a scan has suspected or a person has cleared. The scan's evidence stays.
INSERT INTO suspected_order
    (merchant_no, order_id, state, score_ppm, scan, evidence, since_us, by_person)
VALUES (%(merchant_no)s, %(order)s, 'suspected', %(score)s, '', %(evidence)s::jsonb, %(now_us)s, true)
ON CONFLICT (merchant_no, order_id) DO UPDATE SET state = 'suspected', by_person = true
