-- A draft; nothing comes back when the id is taken.
INSERT INTO offer (merchant_no, offer, template, state, made_us)
VALUES (%(merchant_no)s, %(offer)s, %(template)s, 'draft', %(at_us)s)
ON CONFLICT DO NOTHING
RETURNING offer_no
