-- Clicks of long ago were nobody's who can be found again; the figures stay.
UPDATE ad_touch t SET node = NULL
FROM (
    SELECT log_offset FROM ad_touch
    WHERE at_us < %(cutoff_us)s AND node IS NOT NULL LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) old WHERE t.log_offset = old.log_offset
