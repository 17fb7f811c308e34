-- Ads that were put before the person.
SELECT jsonb_build_object('touchpoint', touchpoint, 'campaign', campaign, 'creative', creative, 'advertiser', advertiser,
                          'category', category, 'at_us', at_us)
FROM ad_contact WHERE node = ANY (%(nodes)s) ORDER BY at_us, campaign, creative
