-- When some touchpoints told of impressions.
SELECT touchpoint, first_us, last_us FROM ad_impressions_told
WHERE merchant_no = %(merchant_no)s AND touchpoint = ANY (%(touchpoints)s::text[])
