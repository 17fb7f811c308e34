-- New lots.
INSERT INTO points_lot (id, member_id, granted, remaining, state, available_us, expires_us, source,
    reference, funder, cash_fen, refunded_fen, reversed, version, programme_id)
OVERRIDING SYSTEM VALUE
SELECT l.id, l.member_id, l.granted, l.remaining, l.state, l.available_us, l.expires_us, l.source,
    l.reference, l.funder, l.cash_fen, l.refunded_fen, l.reversed, l.version, m.programme_id
FROM unnest(%(id)s::bigint[], %(member)s::bigint[], %(granted)s::bigint[], %(remaining)s::bigint[],
    %(state)s::text[], %(available_us)s::bigint[], %(expires_us)s::bigint[], %(source)s::text[],
    %(reference)s::text[], %(funder)s::text[], %(cash_fen)s::bigint[], %(refunded_fen)s::bigint[],
    %(reversed)s::bigint[], %(version)s::integer[])
  AS l (id, member_id, granted, remaining, state, available_us, expires_us, source, reference,
    funder, cash_fen, refunded_fen, reversed, version)
JOIN points_member m ON m.id = l.member_id
