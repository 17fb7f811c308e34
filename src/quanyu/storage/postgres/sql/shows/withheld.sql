-- How many paid orders of a show look like fake trades.
SELECT count(*) FROM show_order h
JOIN orders o ON o.merchant_no = h.merchant_no AND o.id = h.order_id
JOIN suspected_order s ON s.merchant_no = h.merchant_no AND s.order_id = h.order_id
WHERE h.merchant_no = %(merchant_no)s AND h.show = %(id)s
  AND s.state IN ('suspected', 'confirmed') AND o.state NOT IN ('placed', 'cancelled')
