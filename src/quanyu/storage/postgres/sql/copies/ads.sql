-- Ads that were chosen for a person.
SELECT jsonb_build_object(
    'decision', encode(w.trace, 'hex'), 'position', w.position, 'touchpoint', w.touchpoint, 'campaign', w.campaign,
    'creative', w.creative, 'at_us', w.at_us, 'seen_us', w.seen_us
)
FROM ad_win w WHERE w.node = ANY (%(nodes)s::bigint[]) ORDER BY w.at_us, w.trace, w.position
