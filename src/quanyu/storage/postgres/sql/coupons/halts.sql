-- Since when offers stand still: killed, paused or tripped.
SELECT offer_no, min(at_us) FROM (
    SELECT o.offer_no, max(h.at_us) AS at_us
    FROM offer o JOIN offer_history h USING (offer_no)
    WHERE o.offer_no = ANY(%(numbers)s)
      AND (o.killed AND h.what = 'kill' OR o.state = 'paused' AND h.what = 'pause')
    GROUP BY o.offer_no, h.what
    UNION ALL
    SELECT offer_no, at_us FROM offer_trip WHERE offer_no = ANY(%(numbers)s)
) halts GROUP BY offer_no
