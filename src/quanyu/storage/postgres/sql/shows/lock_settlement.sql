-- What was booked of a closed show, locked.
SELECT due, steps, at_us FROM show_settlement
WHERE merchant_no = %(merchant_no)s AND show = %(id)s FOR UPDATE
