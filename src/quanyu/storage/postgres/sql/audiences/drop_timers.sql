-- Nothing more to wait for.
DELETE FROM audience_timer t USING unnest(%(audiences)s::integer[], %(persons)s::bigint[]) d (audience_no, person)
WHERE t.audience_no = d.audience_no AND t.person = d.person
