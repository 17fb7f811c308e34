-- One offer, for a change of its life.
SELECT offer_no, state, submitted_by FROM offer
WHERE merchant_no = %(merchant_no)s AND offer = %(offer)s FOR UPDATE
