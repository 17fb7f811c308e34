-- Plans of payment for the person's orders.
SELECT jsonb_build_object(
    'order', p.order_id, 'method', p.method, 'bearer', p.bearer, 'rate_bps', p.rate_bps, 'state', p.state,
    'terms', (
        SELECT jsonb_agg(jsonb_build_object(
            'number', t.number, 'due_on', t.due_on, 'principal_fen', t.principal_fen, 'fee_fen', t.fee_fen, 'paid_us', t.paid_us
        ) ORDER BY t.number) FROM instalment_term t WHERE (t.merchant_no, t.order_id) = (p.merchant_no, p.order_id)
    )
)
FROM instalment_plan p WHERE p.merchant_no = %(merchant_no)s AND p.order_id IN (
    SELECT i.order_id FROM order_identifier i
    JOIN unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token) USING (kind, token)
    WHERE i.merchant_no = %(merchant_no)s
) ORDER BY p.order_id
