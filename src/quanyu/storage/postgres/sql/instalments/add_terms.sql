-- The terms of a plan that begins.
INSERT INTO instalment_term (
    merchant_no, order_id, number, due_on, agreed_principal_fen, agreed_fee_fen, principal_fen, fee_fen
)
SELECT %(merchant_no)s, %(order)s, number, due_on, principal_fen, fee_fen, principal_fen, fee_fen
FROM unnest(%(numbers)s::int[], %(due_on)s::date[], %(principal_fen)s::bigint[], %(fee_fen)s::bigint[])
    AS one (number, due_on, principal_fen, fee_fen)
