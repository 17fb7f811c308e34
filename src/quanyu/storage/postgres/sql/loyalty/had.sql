-- Pieces of an item that some members have ordered and that did not fail.
SELECT count(*) FROM points_entitlement
WHERE item_id = %(item)s AND member_id = ANY (%(members)s) AND state <> 'failed'
