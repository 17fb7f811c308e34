-- Orders of a show as they stand, with the units that came back; suspected ones are marked.
SELECT o.id, o.state, o.terms,
    ARRAY(SELECT r.line FROM order_returned r WHERE r.merchant_no = o.merchant_no AND r.order_id = o.id ORDER BY r.line, r.unit),
    ARRAY(SELECT r.unit FROM order_returned r WHERE r.merchant_no = o.merchant_no AND r.order_id = o.id ORDER BY r.line, r.unit),
    EXISTS (SELECT FROM suspected_order s WHERE s.merchant_no = o.merchant_no AND s.order_id = o.id
        AND s.state IN ('suspected', 'confirmed'))
FROM show_order h JOIN orders o ON o.merchant_no = h.merchant_no AND o.id = h.order_id
WHERE h.merchant_no = %(merchant_no)s AND h.show = %(id)s
ORDER BY o.placed_us, o.id
