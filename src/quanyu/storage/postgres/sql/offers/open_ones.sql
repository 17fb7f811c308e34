-- Offers that may have come to their end.
SELECT m.name, o.offer, o.template, o.state
FROM offer o JOIN merchant m ON m.merchant_no = o.merchant_no
WHERE o.state IN ('active', 'paused', 'exhausted', 'stopped') ORDER BY o.offer_no
