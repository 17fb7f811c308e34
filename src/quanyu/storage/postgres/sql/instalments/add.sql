-- A plan that begins.
INSERT INTO instalment_plan (merchant_no, order_id, method, bearer, rate_bps, state, shares)
VALUES (%(merchant_no)s, %(order)s, %(method)s, %(bearer)s, %(rate_bps)s, %(state)s, %(shares)s::jsonb)
