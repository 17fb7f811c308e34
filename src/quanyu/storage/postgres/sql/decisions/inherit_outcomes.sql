-- Payments that name no decision: to the latest click on the item by the person within the days before, of those that
-- the log knew by then, whatever the batches were.
INSERT INTO decision_outcome AS known (merchant_no, trace, position, kind, inherited, item, at_us, amount_fen, "offset")
SELECT paid.merchant_no, clicked.trace, clicked.position, %(kind)s, true, min(paid.item), min(paid.at_us), sum(paid.amount_fen),
       min(paid."offset")
FROM unnest(%(merchants)s::int[], %(nodes)s::bigint[], %(items)s::text[], %(at)s::bigint[], %(amounts)s::bigint[],
            %(offsets)s::bigint[]) AS paid (merchant_no, node, item, at_us, amount_fen, "offset")
LEFT JOIN person_of p USING (node)
CROSS JOIN LATERAL (
    SELECT o.trace, o.position
    FROM decision d JOIN decision_outcome o USING (merchant_no, trace)
    WHERE d.merchant_no = paid.merchant_no AND d.nodes <> '{}'
      AND d.nodes && (coalesce(p.person, paid.node)
                      || ARRAY(SELECT node FROM person_of WHERE person = coalesce(p.person, paid.node)))
      AND o.kind = 'click' AND o.item = paid.item AND o."offset" < paid."offset"
      AND o.at_us BETWEEN paid.at_us - %(within_us)s AND paid.at_us
    ORDER BY o.at_us DESC, o."offset" DESC LIMIT 1
) clicked
GROUP BY paid.merchant_no, clicked.trace, clicked.position
ON CONFLICT (merchant_no, trace, position, kind, inherited) DO UPDATE
SET at_us = least(known.at_us, excluded.at_us), amount_fen = known.amount_fen + excluded.amount_fen,
    "offset" = least(known."offset", excluded."offset")
