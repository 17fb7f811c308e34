-- The newest events of some nodes; no limit means all.
SELECT event FROM history WHERE node = ANY (%(nodes)s)
ORDER BY at_us DESC, "offset" DESC LIMIT %(limit)s::bigint
