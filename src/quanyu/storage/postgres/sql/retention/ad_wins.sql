-- Ads of long ago were shown to nobody who can be found again; the figures stay.
UPDATE ad_win w SET node = NULL
FROM (
    SELECT merchant_no, trace, position FROM ad_win
    WHERE at_us < %(cutoff_us)s AND node IS NOT NULL LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) old WHERE (w.merchant_no, w.trace, w.position) = (old.merchant_no, old.trace, old.position)
