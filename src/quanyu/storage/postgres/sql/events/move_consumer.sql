-- Moves a consumer to an offset.
UPDATE consumer_offset SET "offset" = %(offset)s WHERE consumer = %(consumer)s
