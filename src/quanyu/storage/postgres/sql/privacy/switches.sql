-- The latest word about each feature, with the assessment that it stands on.
SELECT DISTINCT ON (s.feature) s.feature, s."on", s.at_us, s.actor,
    a.id, a.subject, a.features, a.risks, a.measures, a.approver, a.valid_until_us, a.filed_us, a.filed_by
FROM processing_switch s LEFT JOIN impact_assessment a ON a.id = s.assessment
ORDER BY s.feature, s.at_us DESC
