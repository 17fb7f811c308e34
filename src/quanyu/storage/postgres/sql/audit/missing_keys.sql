-- How many of some keys of a merchant are not among those that find duplicates.
SELECT count(*)
FROM unnest(%(keys)s::uuid[]) AS wanted (key)
WHERE NOT EXISTS (
    SELECT FROM event_key WHERE merchant_no = %(merchant_no)s AND event_key.key = wanted.key
)
