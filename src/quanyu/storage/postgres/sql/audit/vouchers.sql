-- Per shop: what waits in its vouchers, and vouchers whose scans do not make up what is used of them.
SELECT m.name, v.terms ->> 'shop',
       count(*),
       sum(CASE WHEN v.refunded THEN 0 ELSE v.paid_fen - v.earned_fen END)::bigint,
       coalesce(array_agg(v.id ORDER BY v.id) FILTER (
           WHERE v.used_fen <> u.used_fen OR v.earned_fen <> u.earned_fen), '{}')
FROM voucher v
JOIN merchant m USING (merchant_no)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_fen), 0) AS used_fen, coalesce(sum(earned_fen), 0) AS earned_fen
    FROM voucher_use
    WHERE merchant_no = v.merchant_no AND voucher = v.id AND NOT undone
) u
GROUP BY 1, 2
ORDER BY 1, 2
