-- What events say that came of decisions. Of one kind the earliest time stands, and amounts add up.
INSERT INTO decision_outcome AS known (merchant_no, trace, position, kind, inherited, item, at_us, amount_fen, "offset")
SELECT merchant_no, trace, position, kind, false, min(item), min(at_us), sum(amount_fen), min("offset")
FROM unnest(%(merchants)s::int[], %(traces)s::bytea[], %(positions)s::int[], %(kinds)s::text[], %(items)s::text[],
            %(at)s::bigint[], %(amounts)s::bigint[], %(offsets)s::bigint[])
     AS told (merchant_no, trace, position, kind, item, at_us, amount_fen, "offset")
GROUP BY merchant_no, trace, position, kind
ON CONFLICT (merchant_no, trace, position, kind, inherited) DO UPDATE
SET item = least(known.item, excluded.item), at_us = least(known.at_us, excluded.at_us),
    amount_fen = known.amount_fen + excluded.amount_fen, "offset" = least(known."offset", excluded."offset")
