-- Paid orders that agreed to instalments and have no plan.
SELECT merchant.name, orders.id
FROM orders JOIN merchant USING (merchant_no)
WHERE orders.state NOT IN ('placed', 'cancelled')
  AND convert_from(orders.terms, 'UTF8')::jsonb ->> 'instalment_rate' IS NOT NULL
  AND NOT EXISTS (
      SELECT 1 FROM instalment_plan AS plan
      WHERE plan.merchant_no = orders.merchant_no AND plan.order_id = orders.id
  )
ORDER BY 1, 2
