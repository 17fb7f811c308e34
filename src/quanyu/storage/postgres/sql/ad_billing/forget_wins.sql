-- Nobody knows any more for whom these ads were chosen.
UPDATE ad_win SET node = NULL WHERE node = ANY (%(nodes)s::bigint[])
