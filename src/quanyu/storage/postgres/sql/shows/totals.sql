-- What the paid orders of a show have sold, by shop and item, and what of it came back; suspected orders are left out.
SELECT t.shop, t.item, sum(t.unit_fen * t.quantity)::bigint, sum(t.unit_fen * t.refunded)::bigint
FROM show_order h JOIN trade t ON t.merchant_no = h.merchant_no AND t.order_id = h.order_id
WHERE h.merchant_no = %(merchant_no)s AND h.show = %(id)s
  AND NOT EXISTS (SELECT FROM suspected_order s WHERE s.merchant_no = h.merchant_no AND s.order_id = h.order_id
      AND s.state IN ('suspected', 'confirmed'))
GROUP BY 1, 2 ORDER BY 1, 2
