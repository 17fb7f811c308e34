-- A code, for its partner or the owner of the programme.
SELECT e.id, e.code, e.state, i.id, i.offered, p.id, p.owner, p.name, p.terms
FROM points_entitlement e JOIN points_item i ON i.id = e.item_id
JOIN points_programme p ON p.id = i.programme_id
WHERE e.code = %(code)s AND %(party)s IN (i.partner, p.owner)
FOR UPDATE OF e
