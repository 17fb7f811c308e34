-- Clicks of a person on ads, and whether they were billed.
SELECT jsonb_build_object(
    'decision', encode(t.trace, 'hex'), 'position', t.position, 'campaign', t.campaign, 'kind', t.kind,
    'at_us', t.at_us, 'reason', t.reason
)
FROM ad_touch t WHERE t.node = ANY (%(nodes)s::bigint[]) ORDER BY t.at_us, t.log_offset
