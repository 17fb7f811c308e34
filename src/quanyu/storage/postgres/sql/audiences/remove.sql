-- Delete an audience with its members, changes and timers.
DELETE FROM audience WHERE merchant_no = %(merchant_no)s AND name = %(name)s RETURNING audience_no
