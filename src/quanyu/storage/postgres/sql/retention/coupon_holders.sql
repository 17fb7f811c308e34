-- Who had pieces of offers that ended long ago.
UPDATE coupon_holder h SET kind = 'erased', token = uuid_send(gen_random_uuid())
FROM (
    SELECT h.offer_no, h.kind, h.token FROM coupon_holder h JOIN offer o USING (offer_no)
    WHERE h.kind <> 'erased' AND o.made_us < %(cutoff_us)s
        AND NOT EXISTS (SELECT FROM coupon c WHERE c.offer_no = h.offer_no AND c.expires_us >= %(cutoff_us)s)
    LIMIT %(limit)s
) old WHERE (h.offer_no, h.kind, h.token) = (old.offer_no, old.kind, old.token)
