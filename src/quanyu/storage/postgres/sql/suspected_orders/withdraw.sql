-- A newer scan of the same orders no longer suspects these.
DELETE FROM suspected_order
WHERE merchant_no = %(merchant_no)s AND state = 'suspected' AND NOT by_person
  AND order_id = ANY (%(orders)s::text[])
RETURNING order_id, score_ppm
