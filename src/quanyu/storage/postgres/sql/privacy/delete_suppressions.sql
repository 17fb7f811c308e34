-- Forget on which channels some nodes are sent nothing.
DELETE FROM suppression WHERE node = ANY (%(nodes)s)
