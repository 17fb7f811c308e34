-- Note which of some nodes need care, and why. Who was noted as a minor stays noted, until another year of birth is told.
WITH given AS (
    SELECT g.*, t.minor_through AS noted FROM unnest(
        %(nodes)s::bigint[], %(minors)s::smallint[], %(suppressed)s::boolean[]
    ) g (node, through, suppressed) LEFT JOIN tag_withheld t USING (node)
), kept AS (
    SELECT node, CASE WHEN through >= %(year)s OR through = noted THEN through END AS through, suppressed
    FROM given WHERE suppressed OR through >= %(year)s OR through = noted
), gone AS (
    DELETE FROM tag_withheld WHERE node IN (SELECT node FROM given EXCEPT SELECT node FROM kept)
)
INSERT INTO tag_withheld SELECT * FROM kept
ON CONFLICT (node) DO UPDATE
SET minor_through = EXCLUDED.minor_through, suppressed = EXCLUDED.suppressed
