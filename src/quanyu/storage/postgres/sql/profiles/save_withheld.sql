-- Note which of some nodes need care, and why.
WITH given AS (
    SELECT * FROM unnest(
        %(nodes)s::bigint[], %(minors)s::smallint[], %(suppressed)s::boolean[]
    ) g (node, minor_through, suppressed)
)
INSERT INTO tag_withheld SELECT * FROM given
ON CONFLICT (node) DO UPDATE
SET minor_through = EXCLUDED.minor_through, suppressed = EXCLUDED.suppressed
