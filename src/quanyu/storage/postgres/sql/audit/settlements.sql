-- Shows whose commission was booked, or whose archive is closed.
SELECT m.name, s.show FROM show_settlement s JOIN merchant m ON m.merchant_no = s.merchant_no
UNION
SELECT m.name, s.id FROM show s JOIN merchant m ON m.merchant_no = s.merchant_no WHERE s.state = 'archived'
