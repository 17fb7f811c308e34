-- Nobody knows any more who clicked.
UPDATE ad_touch SET node = NULL WHERE node = ANY (%(nodes)s::bigint[])
