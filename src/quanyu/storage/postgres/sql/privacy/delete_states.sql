-- Forget the tag states of some nodes.
DELETE FROM tag_state WHERE node = ANY (%(nodes)s)
