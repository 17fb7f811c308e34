-- Answers that were made for the person.
SELECT jsonb_build_object('decision', encode(trace, 'hex'), 'touchpoint', touchpoint, 'at_us', at_us)
FROM decision WHERE nodes <> '{}' AND nodes && %(nodes)s::bigint[] ORDER BY at_us, trace
