-- Ads that have won a slot; one that is there already is a bug.
INSERT INTO ad_win (merchant_no, trace, position, campaign, creative, lease, price_millifen, billing, touchpoint, node, at_us, expires_us)
SELECT %(merchant_no)s, w.*
FROM unnest(%(traces)s::bytea[], %(positions)s::smallint[], %(campaigns)s::text[], %(creatives)s::text[],
            %(leases)s::bigint[], %(prices)s::bigint[], %(billings)s::text[], %(touchpoints)s::text[],
            %(nodes)s::bigint[], %(at)s::bigint[], %(expires)s::bigint[]) AS w
