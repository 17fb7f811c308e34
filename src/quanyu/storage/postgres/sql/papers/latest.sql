-- The last line of each id, in the order in which they came.
SELECT kind, id, body, actor, at_us, withdrawn FROM (
    SELECT DISTINCT ON (kind, id) paper_no, kind, id, body, actor, at_us, withdrawn
    FROM paper WHERE merchant_no = %(merchant_no)s AND kind = ANY(%(kinds)s::text[])
    ORDER BY kind, id, paper_no DESC
) AS last ORDER BY paper_no
