-- A plan as it stands next, from what it was read as.
UPDATE instalment_plan SET state = %(state)s, shares = %(shares)s::jsonb
WHERE merchant_no = %(merchant_no)s AND order_id = %(order)s
  AND state = %(state_before)s AND shares = %(shares_before)s::jsonb
