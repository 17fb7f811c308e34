-- What was said to be given for the last time.
SELECT said ->> 'shop', said ->> 'item', (said ->> 'price_fen')::bigint, at_us FROM show_entry
WHERE merchant_no = %(merchant_no)s AND kind = 'last_chance' AND said ->> 'item' = ANY(%(items)s::text[])
ORDER BY at_us, show, number
