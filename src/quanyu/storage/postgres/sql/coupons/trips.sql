-- Breakers that have tripped.
SELECT offer_no FROM offer_trip WHERE offer_no = ANY(%(numbers)s)
