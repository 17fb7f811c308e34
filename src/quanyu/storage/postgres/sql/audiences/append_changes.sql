-- Journal of people who came in or went out.
INSERT INTO membership_change (change_no, audience_no, person, at_us, entered, cause)
SELECT * FROM unnest(%(numbers)s::bigint[], %(audiences)s::integer[], %(persons)s::bigint[],
                     %(times)s::bigint[], %(entered)s::boolean[], %(causes)s::text[])
