-- A show that is on air in that room, and not far over its time, with the plan that it is a day of.
SELECT series FROM show
WHERE merchant_no = %(merchant_no)s AND id = %(id)s AND room = %(room)s AND state = 'live'
  AND ends_us + %(overtime_us)s > %(now_us)s
