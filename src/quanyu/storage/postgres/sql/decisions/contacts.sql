-- The ads that were put before the people of some asks since a moment.
SELECT m.ask, c.at_us, c.touchpoint, c.campaign, c.creative, c.advertiser, c.category
FROM unnest((SELECT %(asks)s::int[]), (SELECT %(nodes)s::bigint[])) AS m (ask, node) JOIN ad_contact c USING (node)
WHERE c.at_us > (SELECT %(since_us)s::bigint)
