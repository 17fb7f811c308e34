-- Old orders belong to nobody who can be found again; the figures stay.
UPDATE orders o SET holder_kind = 'erased', holder = uuid_send(gen_random_uuid())
FROM (
    SELECT merchant_no, id FROM orders
    WHERE placed_us < %(cutoff_us)s AND holder_kind <> 'erased' LIMIT %(limit)s
) old WHERE (o.merchant_no, o.id) = (old.merchant_no, old.id)
