-- One plan as it stands, and whose it is.
SELECT orders.holder_kind, orders.holder, orders.touchpoint, plan.method, plan.rate_bps, plan.bearer,
       plan.state, plan.shares
FROM instalment_plan AS plan
JOIN orders ON orders.merchant_no = plan.merchant_no AND orders.id = plan.order_id
WHERE plan.merchant_no = %(merchant_no)s AND plan.order_id = %(order)s
