-- Put states in; a node that has none yet gets one. Parameters go in binary: half the time.
INSERT INTO tag_state (node, state, deeds)
SELECT * FROM unnest(%(nodes)b::bigint[], %(states)b::bytea[], %(deeds)b::bytea[])
ON CONFLICT (node) DO UPDATE SET state = EXCLUDED.state, deeds = EXCLUDED.deeds
