-- A channel is open again for a person.
DELETE FROM suppression WHERE node = ANY (%(nodes)s) AND channel = %(channel)s
