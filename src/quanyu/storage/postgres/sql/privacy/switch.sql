-- Switch a feature on or off; of two words of one instant the later counts.
INSERT INTO processing_switch (feature, at_us, "on", assessment, actor)
VALUES (%(feature)s, %(at_us)s, %(on)s, %(assessment)s, %(actor)s)
ON CONFLICT (feature, at_us) DO UPDATE
SET "on" = EXCLUDED."on", assessment = EXCLUDED.assessment, actor = EXCLUDED.actor
