-- Their days have given back.
UPDATE ad_lease SET swept_us = %(now_us)s
WHERE merchant_no = %(merchant_no)s AND campaign = %(campaign)s AND day = ANY (%(days)s::integer[])
  AND closed_us IS NOT NULL AND swept_us IS NULL
