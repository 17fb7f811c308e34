-- One decision.
SELECT trace, at_us, touchpoint, nodes, told FROM decision WHERE merchant_no = %(merchant_no)s AND trace = %(trace)s
