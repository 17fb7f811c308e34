-- Of each pair of accounts: what has gone from the first to the second, less what came back.
SELECT given.source, given.target, sum(flow.amount)::bigint
FROM unnest(%(sources)s::text[], %(targets)s::text[]) AS given (source, target)
JOIN ledger_account s ON s.id = given.source
JOIN ledger_account t ON t.id = given.target
CROSS JOIN LATERAL (
    SELECT amount FROM ledger_transfer WHERE debit_no = s.no AND credit_no = t.no AND phase IN (0, 2)
    UNION ALL
    SELECT -amount FROM ledger_transfer WHERE debit_no = t.no AND credit_no = s.no AND phase IN (0, 2)
) AS flow
GROUP BY 1, 2
