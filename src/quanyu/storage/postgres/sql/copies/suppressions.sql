-- Channels on which a person is sent nothing.
SELECT jsonb_build_object('channel', channel, 'reason', reason, 'at_us', at_us, 'actor', actor)
FROM suppression WHERE node = ANY (%(nodes)s) ORDER BY at_us, channel
