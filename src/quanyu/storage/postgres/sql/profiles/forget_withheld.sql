-- These nodes need no care any more.
DELETE FROM tag_withheld WHERE node = ANY (%(nodes)s)
