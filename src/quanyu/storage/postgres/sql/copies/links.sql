-- Which identifiers of a person were joined or parted, when and by which rule.
SELECT jsonb_build_object('rule', rule, 'parted', retracts, 'at_us', at_us, 'actor', actor)
FROM edge_entry WHERE a = ANY (%(nodes)s) AND b = ANY (%(nodes)s) ORDER BY entry
