-- What the log will tell again. A payment whose decision is past its term would not find the click any more: it stays.
DELETE FROM decision_outcome o
WHERE NOT inherited OR EXISTS (SELECT FROM decision d WHERE d.merchant_no = o.merchant_no AND d.trace = o.trace)
