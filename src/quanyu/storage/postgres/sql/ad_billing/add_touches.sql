-- Events that were judged; the one that was billed is one, or a bug.
INSERT INTO ad_touch (merchant_no, log_offset, trace, position, campaign, kind, node, day, at_us, reason)
SELECT %(merchant_no)s, t.*
FROM unnest(%(offsets)s::bigint[], %(traces)s::bytea[], %(positions)s::smallint[], %(campaigns)s::text[], %(kinds)s::text[],
            %(nodes)s::bigint[], %(days)s::integer[], %(at)s::bigint[], %(reasons)s::text[]) AS t
