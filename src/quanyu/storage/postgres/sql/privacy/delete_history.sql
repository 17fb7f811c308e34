-- Forget the events of some nodes.
DELETE FROM history WHERE node = ANY (%(nodes)s)
