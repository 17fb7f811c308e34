-- Freezes or thaws members.
UPDATE points_member SET frozen = %(frozen)s WHERE id = ANY (%(ids)s)
