-- New or changed listings; what stands there to the letter is left alone.
INSERT INTO listing (merchant_no, kind, id, shop, offered, industry, body, digest, changed_us)
SELECT %(merchant_no)s, new.kind, new.id, new.shop, new.offered, new.industry, new.body, new.digest, %(at_us)s
FROM unnest(
    %(kinds)s::text[], %(ids)s::text[], %(shops)s::text[], %(offered)s::boolean[], %(industries)s::text[],
    %(bodies)s::bytea[], %(digests)s::bytea[]
) AS new (kind, id, shop, offered, industry, body, digest)
ORDER BY new.kind, new.id
ON CONFLICT (merchant_no, kind, id) DO UPDATE
SET shop = excluded.shop, offered = excluded.offered, industry = excluded.industry, body = excluded.body,
    digest = excluded.digest, changed_us = excluded.changed_us
WHERE listing.digest <> excluded.digest
