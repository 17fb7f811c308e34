-- Lines of history.
INSERT INTO withheld_history (merchant_no, kind, id, what, actor, at_us, rule, article, why)
SELECT %(merchant_no)s, new.kind, new.id, new.what, new.actor, new.at_us, new.rule, new.article, new.why
FROM unnest(
    %(kinds)s::text[], %(ids)s::text[], %(ats)s::bigint[], %(whats)s::text[], %(actors)s::text[], %(rules)s::text[],
    %(articles)s::text[], %(whys)s::text[]
) AS new (kind, id, at_us, what, actor, rule, article, why)
