-- Ads that no cap counts any more.
DELETE FROM ad_contact WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ad_contact WHERE at_us < %(cutoff_us)s LIMIT %(limit)s
))
