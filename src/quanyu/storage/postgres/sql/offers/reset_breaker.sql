-- A person lets the offer run again.
DELETE FROM offer_trip WHERE offer_no = %(offer_no)s
