-- Memberships of the merchant's programmes: lots, what was spent of them, benefits of partners.
SELECT jsonb_build_object(
    'programme', p.name, 'member', m.public_id, 'joined_us', m.joined_us, 'debt', m.debt,
    'tier_points', m.tier_points, 'frozen', m.frozen,
    'lots', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'granted', l.granted, 'remaining', l.remaining, 'state', l.state, 'source', l.source,
            'reference', l.reference, 'available_us', l.available_us, 'expires_us', l.expires_us
        ) ORDER BY l.id), '[]') FROM points_lot l WHERE l.member_id = m.id
    ),
    'spent', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'reference', s.reference, 'points', t.points, 'restored', t.restored
        ) ORDER BY s.id, l.id), '[]')
        FROM points_lot l JOIN points_taken t ON t.lot_id = l.id JOIN points_spend s ON s.id = t.spend_id
        WHERE l.member_id = m.id
    ),
    'benefits', (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
            'benefit', i.name, 'partner', i.partner, 'code', e.code, 'state', e.state
        ) ORDER BY e.id), '[]') FROM points_entitlement e JOIN points_item i ON i.id = e.item_id WHERE e.member_id = m.id
    )
)
FROM points_member m JOIN points_programme p ON p.id = m.programme_id
JOIN unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS h (kind, token)
    ON (m.holder_kind, m.holder_token) = (h.kind, h.token)
WHERE p.owner = %(merchant)s ORDER BY m.id
