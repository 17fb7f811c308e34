-- Closed shows that were never settled, or one of whose orders somebody has judged since. An hour is looked back
-- upon, for a judgement may be written later than its time.
SELECT m.name, s.show
FROM show_settlement s JOIN merchant m ON m.merchant_no = s.merchant_no
WHERE s.at_us = 0 OR EXISTS (
    SELECT FROM suspected_order_history y
    JOIN show_order h ON h.merchant_no = y.merchant_no AND h.order_id = y.order_id
    WHERE y.merchant_no = s.merchant_no AND h.show = s.show AND y.at_us >= s.at_us - 3600000000)
ORDER BY 1, 2
