-- Settled wins without exactly one billed event, and billed events without a settled win.
SELECT m.name, encode(coalesce(w.trace, t.trace), 'hex'), coalesce(w.position, t.position), w.trace IS NOT NULL, coalesce(t.count, 0)
FROM (SELECT merchant_no, trace, position FROM ad_win WHERE state = 'settled') w
FULL JOIN (
    SELECT merchant_no, trace, position, count(*) FROM ad_touch WHERE reason = 'billed' GROUP BY 1, 2, 3
) t USING (merchant_no, trace, position)
JOIN merchant m USING (merchant_no)
WHERE w.trace IS NULL OR t.count IS DISTINCT FROM 1
ORDER BY 1, 2, 3
