-- Members with lots for which time has come.
SELECT p.id, p.owner, p.name, p.terms, d.member_id
FROM (
    (SELECT member_id, programme_id, available_us AS at_us FROM points_lot
     WHERE state = 'pending' AND available_us <= %(now_us)s ORDER BY available_us LIMIT %(limit)s)
    UNION ALL
    (SELECT member_id, programme_id, expires_us FROM points_lot
     WHERE state = 'available' AND expires_us <= %(now_us)s ORDER BY expires_us LIMIT %(limit)s)
) d JOIN points_programme p ON p.id = d.programme_id
GROUP BY p.id, d.member_id ORDER BY min(d.at_us) LIMIT %(limit)s
