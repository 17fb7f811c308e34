-- The terms of a plan, the first one first.
SELECT principal_fen, fee_fen, agreed_principal_fen, agreed_fee_fen, due_on, paid_us
FROM instalment_term WHERE merchant_no = %(merchant_no)s AND order_id = %(order)s ORDER BY number
