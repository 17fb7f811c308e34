-- How far a batch of codes is.
SELECT b.offer_no, o.offer, b.pieces, b.made FROM code_batch b JOIN offer o USING (offer_no)
WHERE b.merchant_no = %(merchant_no)s AND b.batch = %(batch)s FOR UPDATE OF b
