-- On which channels some nodes are sent nothing, and why; of several reasons the gravest.
SELECT channel, (array_agg(reason ORDER BY reason IN ('bounced', 'blocked') DESC, reason))[1]
FROM suppression WHERE node = ANY (%(nodes)s) GROUP BY channel
