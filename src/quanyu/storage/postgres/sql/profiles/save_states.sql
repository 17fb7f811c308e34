-- Put states in; a node that has none yet gets one.
INSERT INTO tag_state (node, state, minor_through, suppressed)
SELECT * FROM unnest(%(nodes)s::bigint[], %(states)s::bytea[], %(minors)s::smallint[], %(suppressed)s::boolean[])
ON CONFLICT (node) DO UPDATE
SET state = EXCLUDED.state, minor_through = EXCLUDED.minor_through, suppressed = EXCLUDED.suppressed
