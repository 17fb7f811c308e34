-- Shows that have an archive, or say that they have one.
SELECT m.name, s.id FROM show s JOIN merchant m ON m.merchant_no = s.merchant_no
WHERE s.entries > 0 OR EXISTS (SELECT FROM show_entry e WHERE e.merchant_no = s.merchant_no AND e.show = s.id)
ORDER BY 1, 2
