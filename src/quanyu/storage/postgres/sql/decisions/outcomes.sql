-- What came of one decision.
SELECT position, kind, min(at_us), sum(amount_fen)::bigint FROM decision_outcome
WHERE merchant_no = %(merchant_no)s AND trace = %(trace)s
GROUP BY position, kind ORDER BY position, min(at_us), kind
