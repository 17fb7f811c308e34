-- What came of some decisions.
SELECT trace, position, kind, min(at_us), sum(amount_fen)::bigint FROM decision_outcome
WHERE merchant_no = %(merchant_no)s AND trace = ANY (%(traces)s::bytea[])
GROUP BY trace, position, kind ORDER BY trace, position, min(at_us), kind
