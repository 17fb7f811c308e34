-- What has changed since, oldest first.
SELECT change_no, audience_no, person, entered FROM membership_change
WHERE audience_no = ANY (%(audiences)s) AND change_no > %(after)s ORDER BY change_no
