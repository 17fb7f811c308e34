-- Offers of a write, shared-locked: turning a switch waits for it, and holds for the next.
SELECT offer_no, merchant_no, offer, template, state, killed FROM offer
WHERE offer_no = ANY(%(numbers)s)
   OR (merchant_no, offer) IN (SELECT * FROM unnest(%(merchants)s::int[], %(offers)s::text[]))
ORDER BY offer_no FOR SHARE
