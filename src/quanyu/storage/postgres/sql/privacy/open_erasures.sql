-- Requests that are not finished, oldest first.
SELECT e.receipt, m.name, e.nodes, e.tokens, e.steps
FROM erasure e JOIN merchant m USING (merchant_no)
WHERE e.finished_us IS NULL ORDER BY e.requested_us, e.receipt
