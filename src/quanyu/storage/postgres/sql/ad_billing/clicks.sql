-- Clicks of some persons within a span of time, under any of their nodes.
WITH nodes AS (
    SELECT unnest(%(persons)s::bigint[]) AS node, unnest(%(persons)s::bigint[]) AS person
    UNION
    SELECT node, person FROM person_of WHERE person = ANY (%(persons)s::bigint[])
)
SELECT n.person, t.campaign, t.at_us FROM nodes n JOIN ad_touch t USING (node)
WHERE t.kind = 'click' AND t.merchant_no = %(merchant_no)s AND t.at_us BETWEEN %(since_us)s AND %(until_us)s
