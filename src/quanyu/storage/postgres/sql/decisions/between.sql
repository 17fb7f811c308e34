-- A page of decisions of a time span, oldest first.
SELECT trace, at_us, touchpoint, nodes, told FROM decision
WHERE merchant_no = %(merchant_no)s AND at_us < %(to_us)s AND (at_us, trace) > (%(at_us)s, %(trace)s)
ORDER BY at_us, trace LIMIT %(limit)s
