-- The newest deeds of some kinds of each ask, packed one after the other, among the newest events of each node.
-- Parameters stand in sub-selects, so that one plan is kept for all (decisions/known). What comes before the kind in a packed
-- event: the head of its array (1 or 3 bytes) and the event id with its length.
SELECT asked.ask, latest.count, latest.events
FROM (
    SELECT ask, array_agg(node) AS nodes
    FROM unnest((SELECT %(asks)s::int[]), (SELECT %(nodes)s::bigint[])) AS m (ask, node) GROUP BY ask
) asked
CROSS JOIN LATERAL (
    SELECT count(*), string_agg(event, '' ORDER BY at_us, "offset") AS events
    FROM (
        SELECT deed.*
        FROM unnest(asked.nodes) AS m (node)
        CROSS JOIN LATERAL (
            SELECT event, at_us, "offset" FROM (
                SELECT event, at_us, "offset", CASE get_byte(event, head)
                    WHEN 217 THEN head + 2 + get_byte(event, head + 1)
                    WHEN 218 THEN head + 3 + 256 * get_byte(event, head + 1) + get_byte(event, head + 2)
                    ELSE head + 1 + (get_byte(event, head) & 31) END AS kind
                FROM (
                    SELECT event, at_us, "offset", CASE get_byte(event, 0) WHEN 220 THEN 3 ELSE 1 END AS head
                    FROM history WHERE node = m.node AND at_us <= (SELECT %(at_us)s::bigint)
                    ORDER BY at_us DESC, "offset" DESC LIMIT (SELECT %(looked_at)s::bigint)
                ) h OFFSET 0
            ) h
            WHERE substring(event FROM kind + 1 FOR 1 + (get_byte(event, kind) & 31)) = ANY ((SELECT %(kinds)s::bytea[])::bytea[])
            LIMIT (SELECT %(kept)s::bigint)
        ) deed
        ORDER BY at_us DESC, "offset" DESC LIMIT (SELECT %(kept)s::bigint)
    ) newest
) latest
WHERE latest.count > 0
