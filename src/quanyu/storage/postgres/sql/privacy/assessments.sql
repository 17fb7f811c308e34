-- Impact assessments, newest first.
SELECT id, subject, features, risks, measures, approver, valid_until_us, filed_us, filed_by
FROM impact_assessment ORDER BY filed_us DESC, id
