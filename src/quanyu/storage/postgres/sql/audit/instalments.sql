-- Plans by their order, the next ones: what their terms sum to, and what the order says.
SELECT plan.merchant_no, plan.order_id, merchant.name, plan.method, plan.bearer, plan.state, plan.shares,
       orders.payable_fen, orders.refunded_fen,
       coalesce(sum(term.agreed_principal_fen), 0)::bigint, coalesce(sum(term.principal_fen), 0)::bigint,
       coalesce(sum(term.fee_fen), 0)::bigint,
       coalesce(sum(term.principal_fen) FILTER (WHERE term.paid_us IS NULL), 0)::bigint,
       coalesce(max(term.number) FILTER (WHERE term.paid_us IS NOT NULL), 0)
           = count(term.paid_us) AND coalesce(max(term.number), 0) = count(term.number)
FROM instalment_plan AS plan
JOIN merchant USING (merchant_no)
JOIN orders ON orders.merchant_no = plan.merchant_no AND orders.id = plan.order_id
LEFT JOIN instalment_term AS term ON term.merchant_no = plan.merchant_no AND term.order_id = plan.order_id
WHERE (plan.merchant_no, plan.order_id) > (%(merchant_no)s, %(order)s)
GROUP BY plan.merchant_no, plan.order_id, merchant.name, orders.payable_fen, orders.refunded_fen
ORDER BY plan.merchant_no, plan.order_id LIMIT %(limit)s
