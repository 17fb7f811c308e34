-- What the gate has said, unless it has just said the same of the same on the same day.
INSERT INTO review (merchant_no, kind, id, day, at_us, industry, verdict, shown, hits, digest)
SELECT new.merchant_no, new.kind, new.id, new.day, %(at_us)s, new.industry, new.verdict, new.shown, new.hits, new.digest
FROM unnest(
    %(merchants)s::integer[], %(kinds)s::text[], %(ids)s::text[], %(days)s::date[], %(industries)s::text[],
    %(verdicts)s::text[], %(shown)s::bytea[], %(hits)s::bytea[], %(digests)s::bytea[]
) AS new (merchant_no, kind, id, day, industry, verdict, shown, hits, digest)
LEFT JOIN LATERAL (
    SELECT digest FROM review AS old
    WHERE old.merchant_no = new.merchant_no AND old.kind = new.kind AND old.id = new.id
    ORDER BY review_no DESC LIMIT 1
) AS last ON true
WHERE last.digest IS DISTINCT FROM new.digest
