-- How many refused events of a merchant wait, by reason.
SELECT reason, count(*) FROM quarantine WHERE merchant_no = %(merchant_no)s
GROUP BY reason ORDER BY reason
