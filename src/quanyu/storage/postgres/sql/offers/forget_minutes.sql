-- The breaker begins again with an empty window.
DELETE FROM offer_minute WHERE offer_no = %(offer_no)s
