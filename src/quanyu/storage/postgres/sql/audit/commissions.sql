-- What the ledger says of each show: from which shop to which host, net of what was taken back.
SELECT merchant, show, shop, host, sum(fen)::bigint
FROM (
    SELECT c.owner AS merchant, t.reference AS show, d.id AS shop, c.id AS host, t.amount AS fen
    FROM ledger_transfer t JOIN ledger_account d ON d.no = t.debit_no JOIN ledger_account c ON c.no = t.credit_no
    WHERE t.code = 'show.commission'
    UNION ALL
    SELECT d.owner, t.reference, c.id, d.id, -t.amount
    FROM ledger_transfer t JOIN ledger_account d ON d.no = t.debit_no JOIN ledger_account c ON c.no = t.credit_no
    WHERE t.code = 'show.commission_back'
) AS moved
GROUP BY 1, 2, 3, 4 HAVING sum(fen) <> 0
ORDER BY 1, 2, 3, 4
