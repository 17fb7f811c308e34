-- Takes the prices of wins out of their leases, where all of them fit; locked in one order.
WITH asked AS (
    SELECT lease, campaign, sum(price) AS millifen, max(at_us) AS at_us
    FROM unnest(%(leases)s::bigint[], %(campaigns)s::text[], %(prices)s::bigint[], %(at)s::bigint[])
         AS w (lease, campaign, price, at_us)
    GROUP BY lease, campaign
), locked AS (
    SELECT l.number, a.millifen FROM ad_lease l JOIN asked a ON (a.lease, a.campaign) = (l.number, l.campaign)
    WHERE l.merchant_no = %(merchant_no)s AND l.closed_us IS NULL AND a.at_us < l.ends_us
    ORDER BY l.number FOR NO KEY UPDATE OF l
)
UPDATE ad_lease l SET won_millifen = l.won_millifen + locked.millifen
FROM locked WHERE l.number = locked.number AND l.won_millifen + locked.millifen <= l.amount_fen * 1000
