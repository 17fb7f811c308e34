-- Turns the kill switch of one offer or of all; waits for redemptions under way.
UPDATE offer SET killed = %(killed)s
WHERE merchant_no = %(merchant_no)s AND (%(offer)s::text IS NULL OR offer = %(offer)s)
  AND killed <> %(killed)s
RETURNING offer_no, offer
