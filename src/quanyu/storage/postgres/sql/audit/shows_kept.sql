-- Archives that would go before three years are over.
SELECT m.name, s.id, s.kept_until_us FROM show s JOIN merchant m ON m.merchant_no = s.merchant_no
WHERE s.state = 'archived' AND s.kept_until_us < s.ended_us + 1094 * 86400000000::bigint
ORDER BY 1, 2
