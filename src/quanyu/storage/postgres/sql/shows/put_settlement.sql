-- What is booked of a closed show from now on.
UPDATE show_settlement SET due = %(due)s, steps = %(steps)s, at_us = %(at_us)s
WHERE merchant_no = %(merchant_no)s AND show = %(id)s
