-- Terms as they stand next, from what they were read as. A paid term stays paid.
UPDATE instalment_term AS term
SET principal_fen = one.principal_fen, fee_fen = one.fee_fen, paid_us = one.paid_us
FROM unnest(
    %(numbers)s::int[], %(principal_fen)s::bigint[], %(fee_fen)s::bigint[], %(paid_us)s::bigint[],
    %(principal_before)s::bigint[], %(fee_before)s::bigint[], %(paid_before)s::bigint[]
) AS one (number, principal_fen, fee_fen, paid_us, principal_before, fee_before, paid_before)
WHERE term.merchant_no = %(merchant_no)s AND term.order_id = %(order)s AND term.number = one.number
  AND term.principal_fen = one.principal_before AND term.fee_fen = one.fee_before
  AND term.paid_us IS NOT DISTINCT FROM one.paid_before
  AND (one.paid_before IS NULL OR one.paid_us = one.paid_before)
