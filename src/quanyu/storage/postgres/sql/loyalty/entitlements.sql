-- Codes of some members, the newest first.
SELECT e.id, e.code, e.state, i.id, i.offered, p.id, p.owner, p.name, p.terms
FROM points_entitlement e JOIN points_item i ON i.id = e.item_id
JOIN points_programme p ON p.id = i.programme_id
WHERE e.member_id = ANY (%(members)s) ORDER BY e.id DESC LIMIT 1000
