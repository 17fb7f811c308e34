-- Send nothing to a node on a channel. The first reason stays, unless the new one also stops what is owed.
INSERT INTO suppression (merchant_no, node, channel, reason, at_us, actor)
VALUES (%(merchant_no)s, %(node)s, %(channel)s, %(reason)s, %(at_us)s, %(actor)s)
ON CONFLICT (node, channel) DO UPDATE
SET reason = EXCLUDED.reason, at_us = EXCLUDED.at_us, actor = EXCLUDED.actor
WHERE EXCLUDED.reason IN ('bounced', 'blocked') AND suppression.reason NOT IN ('bounced', 'blocked')
