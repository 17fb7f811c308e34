-- Begin a new epoch: the members are replaced as a whole.
UPDATE audience SET epoch = epoch + 1, refresh_us = %(refresh_us)s
WHERE audience_no = %(audience_no)s RETURNING epoch
