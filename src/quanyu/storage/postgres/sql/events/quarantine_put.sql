-- Keeps refused events; the same bytes again are counted, not kept twice.
INSERT INTO quarantine
    (merchant_no, digest, body, position, event_id, field, reason, mend, received_us, expires_us)
VALUES (%(merchant_no)s, %(digest)s, %(body)s, %(position)s, %(event_id)s, %(field)s, %(reason)s,
        %(mend)s, %(received_us)s, %(expires_us)s)
ON CONFLICT (merchant_no, digest) DO UPDATE
SET times = quarantine.times + 1, received_us = excluded.received_us,
    expires_us = excluded.expires_us
