-- Shows past the term of live archives that still name a person as host; locked.
SELECT m.name, s.plan, s.state, s.since_us, s.planner, s.hash, s.started_us, s.ended_us, s.kept_until_us, s.entries, s.entry_hash
FROM show s JOIN merchant m USING (merchant_no)
WHERE s.ends_us < %(cutoff_us)s AND coalesce(s.ended_us, s.started_us, 0) < %(cutoff_us)s
  AND coalesce(s.kept_until_us, 0) < %(now_us)s AND EXISTS (
    SELECT FROM jsonb_array_elements(convert_from(s.plan, 'UTF8')::jsonb -> 'hosts') h
    WHERE coalesce(h ->> 'kind', 'human') = 'human' AND h ->> 'id' NOT LIKE 'former-%%'
) ORDER BY s.merchant_no, s.id LIMIT %(limit)s FOR UPDATE OF s
