-- File an impact assessment; nothing happens when its number is taken.
INSERT INTO impact_assessment (id, subject, features, risks, measures, approver, valid_until_us, filed_us, filed_by)
VALUES (
    %(id)s, %(subject)s, %(features)s, %(risks)s, %(measures)s, %(approver)s, %(valid_until_us)s,
    %(filed_us)s, %(filed_by)s
) ON CONFLICT (id) DO NOTHING
