-- Changes lots that are still as they were read.
UPDATE points_lot l
SET remaining = n.remaining, state = n.state, expires_us = n.expires_us,
    refunded_fen = n.refunded_fen, reversed = n.reversed, version = n.version
FROM unnest(%(id)s::bigint[], %(remaining)s::bigint[], %(state)s::text[], %(expires_us)s::bigint[],
    %(refunded_fen)s::bigint[], %(reversed)s::bigint[], %(version)s::integer[], %(was)s::integer[])
  AS n (id, remaining, state, expires_us, refunded_fen, reversed, version, was)
WHERE l.id = n.id AND l.version = n.was
