-- When an item was paid before a moment, the latest first: to find the last trade that counts.
SELECT paid_us FROM (
    (SELECT paid_us FROM trade
     WHERE merchant_no = %(merchant_no)s AND shop = %(shop)s AND item = %(item)s
       AND paid_us < %(before_us)s AND refunded < quantity AND unit_fen > 0
     ORDER BY paid_us DESC LIMIT %(limit)s)
    UNION ALL
    (SELECT paid_us FROM outside_trade
     WHERE merchant_no = %(merchant_no)s AND shop = %(shop)s AND item = %(item)s
       AND paid_us < %(before_us)s AND refunded_fen < amount_fen
     ORDER BY paid_us DESC LIMIT %(limit)s)
) AS latest ORDER BY paid_us DESC LIMIT %(limit)s
