-- What was booked of a closed show.
SELECT due, steps, at_us FROM show_settlement WHERE merchant_no = %(merchant_no)s AND show = %(id)s
