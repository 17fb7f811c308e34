-- Whether and until which year a person is protected as a minor, and whether tags are withheld.
SELECT jsonb_build_object('minor_through', max(minor_through), 'withheld', bool_or(suppressed))
FROM tag_withheld WHERE node = ANY (%(nodes)s) HAVING count(*) > 0
