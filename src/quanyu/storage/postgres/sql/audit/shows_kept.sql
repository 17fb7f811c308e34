-- Archived shows: when they ended, and until when they are kept.
SELECT m.name, s.id, s.ended_us, s.kept_until_us FROM show s JOIN merchant m ON m.merchant_no = s.merchant_no
WHERE s.state = 'archived' ORDER BY 1, 2
