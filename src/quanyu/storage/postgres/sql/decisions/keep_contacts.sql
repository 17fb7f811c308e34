-- Ads that were put before people.
INSERT INTO ad_contact (merchant_no, node, at_us, touchpoint, campaign, creative, advertiser, category)
SELECT %(merchant_no)s, one.*
FROM unnest(%(nodes)s::bigint[], %(at)s::bigint[], %(touchpoints)s::text[], %(campaigns)s::text[],
            %(creatives)s::text[], %(advertisers)s::text[], %(categories)s::text[]) AS one
