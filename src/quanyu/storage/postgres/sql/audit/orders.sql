-- Orders with what they say and what the book says: goods and shipping paid, the platform's share, refunds,
-- and what the shops have paid for points of the ecosystem.
-- A full join, so that an order without entries and entries without an order are both found.
WITH posted AS (
    SELECT a.owner AS merchant, t.reference AS id,
           sum(t.amount) FILTER (WHERE t.code = 'order.paid.cash') AS paid_fen,
           sum(t.amount) FILTER (WHERE t.code = 'order.paid.platform') AS platform_fen,
           sum(t.amount) FILTER (WHERE t.code = 'order.refunded.cash') AS refunded_fen,
           sum(t.amount) FILTER (WHERE t.code = 'order.paid.points') AS points_fen
    FROM ledger_transfer t
    JOIN ledger_account a
      ON a.no = CASE WHEN t.code IN ('order.refunded.cash', 'order.paid.points') THEN t.debit_no
                     ELSE t.credit_no END
    WHERE t.code IN ('order.paid.cash', 'order.paid.platform', 'order.refunded.cash', 'order.paid.points')
    GROUP BY 1, 2
), kept AS (
    SELECT m.name AS merchant, o.id, o.refunded_fen,
           CASE WHEN o.state IN ('placed', 'cancelled') THEN 0 ELSE o.payable_fen END AS paid_fen,
           CASE WHEN o.state IN ('placed', 'cancelled') THEN 0
                ELSE (convert_from(o.terms, 'UTF8')::jsonb #>> '{quote,funded,platform}')::bigint
           END AS platform_fen,
           (SELECT sum(fen) FROM unnest(o.points_fen) AS fen) AS points_fen
    FROM orders o JOIN merchant m USING (merchant_no)
)
SELECT merchant, id,
       coalesce(k.paid_fen, 0), coalesce(p.paid_fen, 0),
       coalesce(k.platform_fen, 0), coalesce(p.platform_fen, 0),
       coalesce(k.refunded_fen, 0), coalesce(p.refunded_fen, 0),
       coalesce(k.points_fen, 0)::bigint, coalesce(p.points_fen, 0)::bigint
FROM kept k FULL JOIN posted p USING (merchant, id)
ORDER BY merchant, id
