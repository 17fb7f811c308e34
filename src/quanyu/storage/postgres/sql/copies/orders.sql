-- Orders that name an identifier of the person, with what was returned of them.
SELECT jsonb_build_object(
    'order', o.id, 'touchpoint', o.touchpoint, 'state', o.state, 'placed_us', o.placed_us, 'shops', o.shops,
    'payable_fen', o.payable_fen, 'method', o.method, 'shipped', o.shipped, 'refunded_fen', o.refunded_fen,
    'show', (SELECT h.show FROM show_order h WHERE (h.merchant_no, h.order_id) = (o.merchant_no, o.id)),
    'terms', convert_from(o.terms, 'UTF8')::jsonb,
    'returned', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('line', r.line, 'unit', r.unit) ORDER BY r.line, r.unit), '[]')
        FROM order_returned r WHERE (r.merchant_no, r.order_id) = (o.merchant_no, o.id)
    )
)
FROM orders o WHERE o.merchant_no = %(merchant_no)s AND o.id IN (
    SELECT i.order_id FROM order_identifier i
    JOIN unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token) USING (kind, token)
    WHERE i.merchant_no = %(merchant_no)s
) ORDER BY o.placed_us, o.id
