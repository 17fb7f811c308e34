-- Orders of a state, or of all, the highest score first, after a place in that order.
SELECT order_id, state, score_ppm, scan, evidence::text, since_us, by_person FROM suspected_order
WHERE merchant_no = %(merchant_no)s AND (%(state)s::text IS NULL OR state = %(state)s)
  AND (%(after_score)s::integer IS NULL OR (-score_ppm, order_id) > (-%(after_score)s::integer, %(after)s::text))
ORDER BY -score_ppm, order_id LIMIT %(limit)s
