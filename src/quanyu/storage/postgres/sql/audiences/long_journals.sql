-- Audiences whose readers have many changes to add, and their epochs.
SELECT a.audience_no, a.epoch
FROM audience a LEFT JOIN audience_snapshot s ON s.audience_no = a.audience_no AND s.epoch = a.epoch
WHERE (SELECT count(*) FROM membership_change c
       WHERE c.audience_no = a.audience_no AND c.change_no > coalesce(s.change_no, 0)) > %(limit)s
