-- Members as of a change, with the epoch that is in force.
SELECT a.audience_no, a.epoch, coalesce(s.change_no, 0), s.members
FROM audience a LEFT JOIN audience_snapshot s ON s.audience_no = a.audience_no AND s.epoch = a.epoch
WHERE a.audience_no = ANY (%(audiences)s)
