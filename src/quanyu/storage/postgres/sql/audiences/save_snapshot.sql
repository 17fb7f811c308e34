-- Keep the members as of a change.
INSERT INTO audience_snapshot (audience_no, epoch, change_no, members)
VALUES (%(audience_no)s, %(epoch)s, %(change_no)s, %(members)s)
ON CONFLICT (audience_no) DO UPDATE
SET epoch = EXCLUDED.epoch, change_no = EXCLUDED.change_no, members = EXCLUDED.members
