-- Orders of the person that look like fake trades.
SELECT jsonb_build_object(
    'order', s.order_id, 'state', s.state, 'score_ppm', s.score_ppm, 'evidence', s.evidence, 'since_us', s.since_us,
    'history', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('at_us', h.at_us, 'became', h.became, 'note', h.note) ORDER BY h.id), '[]')
        FROM suspected_order_history h WHERE (h.merchant_no, h.order_id) = (s.merchant_no, s.order_id)
    )
)
FROM suspected_order s WHERE s.merchant_no = %(merchant_no)s AND s.order_id IN (
    SELECT i.order_id FROM order_identifier i
    JOIN unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token) USING (kind, token)
    WHERE i.merchant_no = %(merchant_no)s
) ORDER BY s.order_id
