-- A page of the events that happened before a moment, by their place in the table.
SELECT node, at_us, "offset", event FROM history
WHERE (node, at_us, "offset") > (%(node)s, %(at_us)s, %(offset)s) AND at_us < %(before_us)s
ORDER BY node, at_us, "offset" LIMIT %(limit)s
