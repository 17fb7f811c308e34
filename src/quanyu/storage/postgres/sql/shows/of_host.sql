-- Shows whose plan has a host of this number or name, by start; locked.
SELECT plan, state, since_us, planner, hash, started_us, ended_us, kept_until_us, entries, entry_hash
FROM show WHERE merchant_no = %(merchant_no)s AND EXISTS (
    SELECT FROM jsonb_array_elements(convert_from(plan, 'UTF8')::jsonb -> 'hosts') h
    WHERE %(host)s IN (h ->> 'id', h ->> 'name')
) ORDER BY starts_us, id FOR UPDATE
