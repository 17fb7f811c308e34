-- Last year in which a person counts as under age, over all its nodes.
SELECT max(minor_through) FROM tag_withheld WHERE node = ANY (%(nodes)s)
